import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { AxeBuilder } from "@axe-core/playwright";
import type { Recording } from "@remote-claude/protocol";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ScriptedModel } from "./scripted-model/index.ts";
import { launchBrowser, picture, watchForErrors } from "./testing/browser.ts";
import { Client, type Live } from "./testing/client.ts";
import { addPerson, type Person } from "./testing/members.ts";
import { adminEmail, Product } from "./testing/product.ts";

const model = new ScriptedModel();
let product: Product;
let client: Client;
let browser: Browser;
let grace: Person;
let auditor: Person;
let live: Live;
let sessionId: string;
/** The auditor's page. */
let page: Page;
let errors: string[] = [];

const command = "curl -sS -m 5 https://forbidden.example/secret || true";
const edit = { file_path: "{{workspace}}/price.ts", old_string: "price = 41", new_string: "price = 42" };
const tool = (name: string, input: Record<string, unknown>) => ({
  content: [{ type: "tool_use" as const, name, input }],
});

beforeAll(async () => {
  await model.listen();
  const read = { file_path: "{{workspace}}/price.ts" };
  model.director.define("change", {
    steps: [
      tool("Read", read),
      tool("Edit", edit),
      { content: [{ type: "text", text: "The price is changed." }] },
    ],
  });
  model.director.define("call-out", {
    steps: [
      tool("Bash", { command, description: "Ask a host" }),
      { content: [{ type: "text", text: "That host did not answer." }] },
    ],
  });
  product = await Product.start({ modelUrl: model.url });
  client = await Client.signIn(product);
  sessionId = (await client.createSession({ name: "Price list" })).id;
  await client.execute(sessionId, "echo 'export const price = 41;' > price.ts; echo 7 > salaries.txt");
  grace = await addPerson(product, "Grace Guest");
  await client.call("POST", `/api/sessions/${sessionId}/members`, { email: grace.email, role: "editor" });
  live = client.live();
  // With a pause in it that whoever watches will not want to wait for. It ends before a page opens: a page that
  // attaches fits the terminal to its size, which is something happening.
  const watched = await openTerminal("PS1='$ '; echo fir''st-line; sleep 6; echo la''st-line\n");
  browser = await launchBrowser();
  await vi.waitFor(
    async () => expect(await shownIn(await recordingOf(watched))).toContain("last-line"),
    30_000,
  );
  await workADay();
  auditor = await addPerson(product, "Olga Auditor", "auditor");
  page = await pageOf(auditor);
  errors = watchForErrors(page);
});

afterAll(async () => {
  live?.close();
  await browser?.close();
  await product?.stop();
  await model.close();
});

async function pageOf(person: Person): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.addCookies([{ ...person.cookie, url: product.url }]);
  const opened = await context.newPage();
  opened.setDefaultTimeout(60_000);
  return opened;
}

/** The admin's own, in the session; with an id of ours, as the page does it. */
async function openTerminal(data: string): Promise<string> {
  const terminalId = randomUUID();
  await live.command("terminal.create", sessionId, { cols: 80, rows: 24, terminalId });
  await live.command("terminal.input", sessionId, { terminalId, writer: randomUUID(), sequence: 1, data });
  return terminalId;
}

const recordingOf = async (terminalId: string): Promise<Recording | undefined> => {
  const found = await client.call<{ recordings: Recording[] }>(
    "GET",
    `/api/recordings?terminalId=${terminalId}`,
  );
  return found.recordings[0];
};

/** All that a recording shows, without its times. */
async function shownIn(recording: Recording | undefined): Promise<string> {
  if (recording === undefined) return "";
  const text = await (await client.fetch(`/api/recordings/${recording.id}/cast`)).text();
  const lines = text.trim().split("\n").slice(1);
  return lines
    .map((line) => JSON.parse(line) as [number, string, string])
    .flatMap(([, kind, output]) => (kind === "o" ? [output] : []))
    .join("");
}

const pane = (where: Page, name: string): Locator => where.getByRole("region", { name });

async function ask(where: Page, message: string): Promise<void> {
  await where.getByRole("textbox", { name: "Message Claude" }).fill(message);
  await where.getByRole("button", { name: "Send" }).click();
}

/** The admin asks Claude for a change, which Grace allows; Claude calls a host; Grace reads; somebody guesses. */
async function workADay(): Promise<void> {
  const owner = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  owner.setDefaultTimeout(60_000);
  await owner.goto(product.link);
  // The first pages of a server that has just started.
  await owner.getByRole("link", { name: "Price list" }).click({ timeout: 90_000 });
  await ask(owner, "[[script:change]] Raise the price");
  const guest = await pageOf(grace);
  await guest.goto(`${product.url}/sessions/${sessionId}`);
  await pane(guest, "Claude").getByRole("button", { name: "Allow", exact: true }).click();
  await pane(owner, "Claude").getByText("The price is changed.").waitFor();
  await ask(owner, "[[script:call-out]] Ask the other host");
  await pane(owner, "Claude").getByRole("button", { name: "Allow", exact: true }).click();
  await pane(owner, "Claude").getByText("That host did not answer.").waitFor();
  await pane(guest, "Explorer").getByRole("treeitem", { name: "salaries.txt" }).dblclick();
  await pane(guest, "Editor").locator(".monaco-editor .view-lines").first().waitFor();
  await Promise.all([owner.context().close(), guest.context().close()]);
  const login = { email: adminEmail, password: "a guess" };
  const guessed = await fetch(`${product.url}/api/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(login),
  });
  expect(guessed.status).toBe(401);
}

const entries = () => page.getByRole("list", { name: "Entries" }).getByRole("button");
const entry = (name: RegExp) => entries().filter({ hasText: name });
const panel = () => page.getByRole("complementary", { name: "Entry" });

/** Chooses one of the groups of actions, and nothing else. */
async function onlyActions(group: string): Promise<void> {
  await page.goto(`${product.url}/audit`);
  await page.getByRole("button", { name: "Actions", exact: true }).click();
  await page.getByRole("option", { name: group, exact: true }).click();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: `Remove filter: ${group}` }).waitFor();
}

/** Axe finds nothing serious, by day and by night, at a desk and on a phone; a picture of each for people to look at. */
async function expectSound(name: string, page: Page): Promise<void> {
  for (const [size, viewport] of [
    ["desk", { width: 1440, height: 900 }],
    ["phone", { width: 390, height: 844 }],
  ] as const) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.waitForFunction(
        (dark) => document.documentElement.classList.contains("dark") === dark,
        colorScheme === "dark",
      );
      await picture(page, `audit-${name}-${size}-${colorScheme}`);
      const { violations } = await new AxeBuilder({ page }).analyze();
      const found = violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
      expect(found, `${name} on a ${size} in ${colorScheme}`).toEqual([]);
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
}

describe("the review page", () => {
  it("is for those who may review, and nobody else sees it", async () => {
    const stranger = await pageOf(grace);
    await stranger.goto(product.url);
    await stranger.getByRole("heading", { name: "Sessions" }).waitFor();
    expect(await stranger.getByRole("link", { name: "Audit" }).count()).toBe(0);
    await stranger.goto(`${product.url}/audit`);
    await stranger.getByText("Nothing is here").waitFor();
    await stranger.context().close();
    await page.goto(product.url);
    await page.getByRole("link", { name: "Audit", exact: true }).click();
    await entries().first().waitFor();
    await expectSound("timeline", page);
  });

  it("says who allowed Claude’s edit", async () => {
    await onlyActions("Approvals");
    const answer = entry(/Grace Guest.*A person allowed or refused what Claude asked.*allowed/);
    await expect.poll(() => answer.count()).toBe(1);
    await answer.click();
  });

  it("tells a session’s story from its beginning: what was asked, changed and run, and who allowed it", async () => {
    await panel().getByRole("link", { name: "This session’s story" }).click();
    const pieces = page.getByRole("feed", { name: "The session’s story" }).getByRole("article");
    const jump = page.getByRole("navigation", { name: "Jump to" });
    await jump.getByText("Raise the price").click();
    await pieces.filter({ hasText: "Raise the price" }).first().waitFor();
    const changed = pieces.filter({ hasText: "Allowed by Grace Guest" }).first();
    for (const line of ["price = 41", "price = 42"]) await changed.getByText(line).first().waitFor();
    await jump.getByText("Ask the other host").click();
    await pieces.filter({ hasText: "forbidden.example/secret" }).first().waitFor();
    await expectSound("story", page);
  });

  it("says which hosts were refused, and for whom", async () => {
    await onlyActions("Network");
    await page.getByRole("button", { name: "Result" }).click();
    await page.getByRole("menuitemcheckbox", { name: "Refused" }).click();
    await page.keyboard.press("Escape");
    await entry(/A session was kept from a host.*forbidden\.example:443.*Price list.*Refused/)
      .first()
      .waitFor();
    expect(await entry(/A session reached a host/).count()).toBe(0);
  });

  it("says who read a file", async () => {
    await page.goto(`${product.url}/audit`);
    await page.keyboard.press("/");
    await page.keyboard.type("salaries.txt");
    await page.keyboard.press("Enter");
    await entry(/Grace Guest.*A file was read by a person.*salaries\.txt/)
      .first()
      .waitFor();
    expect(new URL(page.url()).searchParams.get("q")).toBe("salaries.txt");
  });

  it("says which sign-ins failed, and from where", async () => {
    await onlyActions("Sign-in");
    await page.getByRole("button", { name: "Result" }).click();
    await page.getByRole("menuitemcheckbox", { name: "Failed" }).click();
    await page.keyboard.press("Escape");
    const failed = entry(/A sign-in was refused.*admin@example\.org/);
    await expect.poll(() => failed.count()).toBe(1);
    await failed.click();
    await panel()
      .getByRole("link", { name: /127\.0\.0\.1|::1/ })
      .waitFor();
    await expectSound("entry", page);
    expect(errors).toEqual([]);
  });

  it("hands out what is looked for, as a table", async () => {
    await page.getByRole("button", { name: "Export" }).click();
    const [saved] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: /^Table/ }).click(),
    ]);
    const lines = (await readFile(await saved.path(), "utf8")).trim().split("\n");
    expect(lines.filter((line) => line.includes("sign-in.failed"))).toHaveLength(1);
    expect(lines.filter((line) => line.includes("egress."))).toEqual([]);
  });

  it("keeps filters under a name", async () => {
    await onlyActions("Sign-in");
    await page.getByRole("button", { name: "Views" }).click();
    await page.getByRole("button", { name: "Save these filters…" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("Who comes in");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("button", { name: "Who comes in" }).waitFor();
    await page.goto(`${product.url}/audit`);
    await page.getByRole("button", { name: "Views" }).click();
    await page.getByRole("button", { name: "Who comes in", exact: true }).waitFor();
    await expectSound("views", page);
    await page.getByRole("button", { name: "Who comes in", exact: true }).click();
    await page.getByRole("button", { name: "Remove filter: Sign-in" }).waitFor();
  });

  it("verifies the record, and says what to keep elsewhere", async () => {
    await page.getByRole("button", { name: "Verify", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Verification of the record" });
    await dialog.getByRole("button", { name: "Verify now" }).click();
    await dialog.getByText("All fits").waitFor();
    await dialog.getByText("Newest seal, number").waitFor();
    await expectSound("verified", page);
    expect(errors).toEqual([]);
  });
});

describe("a recording", () => {
  it("is watched from an entry on, faster and without idle time, searched, and leads back to the record", async () => {
    const watcher = await pageOf(auditor);
    const wrong = watchForErrors(watcher);
    await watcher.clock.install();
    await watcher.goto(`${product.url}/audit?what=terminal.opened&session=${sessionId}`);
    await watcher.getByRole("list", { name: "Entries" }).getByRole("button").first().click();
    await watcher.getByRole("link", { name: "Replay Terminal 1" }).waitFor();
    await picture(watcher, "audit-recording-link");
    await watcher.getByRole("link", { name: "Replay Terminal 1" }).click();
    const replay = watcher.getByRole("region", { name: "Replay" });
    const found = watcher.getByRole("region", { name: "Search in the recording" });
    await found.getByRole("searchbox").fill("st-line");
    await expect.poll(() => found.getByRole("listitem").count()).toBeGreaterThanOrEqual(2);
    await expectSound("recording", watcher);
    // From here on time goes by only when it is told to.
    await watcher.clock.pauseAt(Date.now() + 3_600_000);
    const at = async () => Number(await replay.getByLabel("Position in the recording").inputValue());
    const play = async (ms: number) => {
      const before = await at();
      await replay.getByRole("button", { name: "Play" }).click();
      await watcher.clock.runFor(ms);
      await replay.getByRole("button", { name: "Pause" }).click();
      return (await at()) - before;
    };
    await found.getByRole("button", { name: "first-line" }).first().click();
    const first = await at();
    await replay.getByLabel("Skip idle time").uncheck();
    const slow = await play(1000);
    await replay.getByRole("combobox", { name: "Speed" }).click();
    await watcher.getByRole("option", { name: "4×" }).click();
    await watcher.clock.runFor(1000);
    const fast = await play(500);
    expect(slow).toBeGreaterThan(0.5);
    expect(slow).toBeLessThan(1.5);
    expect(fast).toBeGreaterThan(1.5);
    expect(fast).toBeLessThan(2.5);
    await replay.getByLabel("Skip idle time").check();
    // Six seconds in a tenth of one: what is left of them is skipped.
    await replay.getByRole("button", { name: "Play" }).click();
    await watcher.clock.runFor(100);
    expect((await at()) - first).toBeGreaterThan(4.5);
    await watcher.clock.resume();
    await watcher.getByRole("button", { name: "Play" }).waitFor();
    await replay.getByRole("note").getByRole("link").click();
    await watcher.waitForURL(/\/audit\?session=.*from=/);
    await watcher.getByRole("list", { name: "Entries" }).getByRole("button").first().waitFor();
    expect(wrong).toEqual([]);
    await watcher.context().close();
  });

  it("holds every byte once, though the api is killed in the midst of it", async () => {
    const terminalId = await openTerminal(
      "PS1=; stty -echo -onlcr; clear; seq 1 400000; echo DO''NE; exit\n",
    );
    await expect.poll(async () => (await recordingOf(terminalId))?.sizeBytes ?? 0).toBeGreaterThan(0);
    await product.kill("api");
    await product.untilHealthy();
    const ended = async () => (await recordingOf(terminalId).catch(() => undefined))?.endReason;
    await expect.poll(ended, { timeout: 60_000 }).toBe("closed");
    const recording = await recordingOf(terminalId);
    expect(recording?.gapBytes).toBe(0);
    const shown = await shownIn(recording);
    const numbers = Array.from({ length: 400_000 }, (_, index) => `${index + 1}\n`).join("");
    expect(shown.slice(shown.indexOf("1\n2\n3\n"), shown.indexOf("DONE")) === numbers).toBe(true);
  });

  it("holds a true beginning, and nothing twice, when the session is killed in the midst of it", async () => {
    const terminalId = await openTerminal("PS1=; stty -echo -onlcr; clear; seq 1 9000000\n");
    await expect.poll(async () => (await recordingOf(terminalId))?.sizeBytes ?? 0).toBeGreaterThan(1_000_000);
    await product.killAgent(sessionId);
    const stateOf = async () =>
      (await client.call<{ session: { state: string } }>("GET", `/api/sessions/${sessionId}`)).session.state;
    await expect.poll(stateOf, { timeout: 60_000 }).not.toBe("running");
    const recording = await recordingOf(terminalId);
    expect(recording?.gapBytes).toBe(0);
    const shown = await shownIn(recording);
    const said = shown.slice(shown.indexOf("1\n2\n3\n"));
    const count = said.split("\n").length;
    const numbers = Array.from({ length: count }, (_, index) => `${index + 1}\n`).join("");
    expect(count).toBeGreaterThan(100_000);
    expect(numbers.startsWith(said)).toBe(true);
  });
});
