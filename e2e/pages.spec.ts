import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Session } from "@remote-claude/protocol";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ScriptedModel } from "./scripted-model/index.ts";
import { launchBrowser, watchForErrors } from "./testing/browser.ts";
import { Client } from "./testing/client.ts";
import { writeConversation } from "./testing/long-conversation.ts";
import { Product, root } from "./testing/product.ts";
import { Reviewer } from "./testing/reviewing.ts";

const model = new ScriptedModel();
let product: Product;
let session: Session;
let client: Client;
let browser: Browser;
let page: Page;
let errors: string[];
let reviewer: Reviewer;

beforeAll(async () => {
  await model.listen();
  const lines = Array.from({ length: 40 }, () => "One more line.\n\n");
  const chunks = ["{{gate:begin}}", ...lines, "{{gate:end}}"];
  model.director.define("slowly", { steps: [{ content: [{ type: "text", chunks }] }] });
  product = await Product.start({ modelUrl: model.url });
  client = await Client.signIn(product);
  session = await client.createSession({ name: "Pages" });
  const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkqGcAAAGEAIGkN5zvAAAAAElFTkSuQmCC";
  await client.execute(
    session.id,
    `printf 'const answer = 42;\\n' > answer.ts; printf ${png} | base64 -d > plot.png`,
  );
  await writeConversation(product, session, "Long talk", 2000);
  browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.addInitScript(() => {
    const heard: string[] = [];
    Object.assign(globalThis, { heard });
    Object.assign(document, { ariaNotify: (text: string) => heard.push(text) });
  });
  errors = watchForErrors(page);
  reviewer = new Reviewer({ page, product, client, model, expectSound });
});

afterAll(async () => {
  model.gates.open("begin");
  model.gates.open("end");
  await browser?.close();
  await product?.stop();
  await model.close();
});

/** What a person with a disability would stumble over on the page as it is. */
async function violations(): Promise<string[]> {
  const found = await new AxeBuilder({ page }).analyze();
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
}

const schemes = ["light", "dark"] as const;

/** Light and dark, wide and narrow. */
async function expectSound(): Promise<void> {
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.waitForFunction(
      (dark) => document.documentElement.classList.contains("dark") === dark,
      colorScheme === "dark",
    );
    expect(await violations(), `${page.url()} in ${colorScheme}`).toEqual([]);
  }
}

it("has sound pages before one is signed in", async () => {
  await page.goto(`${product.url}/sign-in/link`);
  await page.getByText("This link did not sign you in").waitFor();
  await expectSound();
  await page.goto(`${product.url}/sign-in`);
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  await expectSound();
});

it("has sound pages around the sessions", async () => {
  await page.goto(product.link);
  const create = page.getByRole("button", { name: "New session" }).first();
  await create.waitFor();
  await expectSound();
  await create.click();
  await page.getByRole("button", { name: "Create session" }).click();
  await page.getByText("Give the session a name.").waitFor();
  await expectSound();
  await page.goto(`${product.url}/settings`);
  await page.getByText("Where you are signed in").waitFor();
  await expectSound();
  const others = ["people", "sessions", "spend", "sign-in", "organisation", "alerts"].map(
    (name) => `/admin/${name}`,
  );
  for (const path of [...others, "/device", "/sign-in/code", "/sign-in/invitation", "/join"]) {
    // With what the page asks for.
    await page.goto(`${product.url}${path}`, { waitUntil: "networkidle" });
    await page.getByRole("heading").first().waitFor();
    await expectSound();
  }
  await page.goto(`${product.url}/nowhere`);
  await page.getByText("Nothing is here").waitFor();
  await expectSound();
  // The browser itself logs the 404.
  errors.splice(0);
});

const conversation = () => page.getByRole("log", { name: "Conversation" });
const rowsOf = (log: Locator) => log.locator("[data-row]");

it("opens a long conversation at its end and draws only what is on the screen", async () => {
  await page.goto(`${product.url}/sessions/${session.id}`);
  const log = conversation();
  await log.getByRole("heading", { name: "Step 250" }).waitFor();
  const fromEnd = () =>
    log.evaluate(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight);
  await expect.poll(fromEnd).toBeLessThan(2);
  expect(await rowsOf(log).count()).toBeLessThan(60);
  await log.hover();
  // Page after page comes as one goes up, and the rows far below are let go of.
  await expect
    .poll(
      async () => {
        await page.mouse.wheel(0, -4000);
        return log.getByRole("heading", { name: /^Step (200|1\d\d|\d\d?)$/ }).count();
      },
      { timeout: 60_000 },
    )
    .toBeGreaterThan(0);
  expect(await rowsOf(log).count()).toBeLessThan(60);
  await page.getByRole("button", { name: "Jump to latest" }).click();
  await log.getByRole("heading", { name: "Step 250" }).waitFor();
  await expect.poll(fromEnd).toBeLessThan(2);
});

it("gives whoever opens a session the text box, later what they had last, and takes it from nobody", async () => {
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? "");
  const paneOf = () =>
    page.evaluate(() => document.activeElement?.closest("[data-pane]")?.getAttribute("data-pane"));
  await page.goto(`${product.url}/sessions/${session.id}`);
  await expect.poll(focused).toBe("Message Claude");
  // From the list of sessions by the keyboard.
  await page.getByRole("treeitem", { name: "answer.ts" }).click();
  await expect.poll(paneOf).toBe("explorer");
  await page.goto(product.url);
  await page.getByRole("link", { name: "Pages" }).press("Enter");
  await page.waitForURL(/\/sessions\//);
  await expect.poll(paneOf).toBe("explorer");
  // Where somebody is faster, they stay.
  await page.getByRole("textbox", { name: "Message Claude" }).click();
  await page.reload();
  const button = page.getByRole("button", { name: "Go to file" }).first();
  await button.focus();
  await conversation().getByRole("heading", { name: "Step 250" }).waitFor();
  await page.getByRole("textbox", { name: "Message Claude" }).waitFor();
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
  expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
});

it("keeps open what was opened in a row that was out of sight meanwhile", async () => {
  const log = conversation();
  await log.getByRole("button", { name: /Run the tests of part 250/ }).click();
  await log.getByText("ok 250").first().waitFor();
  // The row that has the focus would stay.
  await page.getByRole("textbox", { name: "Message Claude" }).focus();
  await log.hover();
  await expect
    .poll(async () => {
      await page.mouse.wheel(0, -4000);
      return log.getByText("ok 250").count();
    })
    .toBe(0);
  await page.getByRole("button", { name: "Jump to latest" }).click();
  await log.getByText("ok 250").first().waitFor();
});

it("leaves what is being read where it is while Claude writes, and follows at the end", async () => {
  const log = conversation();
  await page.getByRole("textbox", { name: "Message Claude" }).fill("[[script:slowly]] go");
  await page.getByRole("button", { name: "Send" }).click();
  await expect.poll(() => model.gates.waiting("begin")).toBe(1);
  await log.hover();
  await page.mouse.wheel(0, -3000);
  await page.getByRole("button", { name: "Jump to latest" }).waitFor();
  const place = () =>
    log.evaluate((element) => {
      const top = element.getBoundingClientRect().top;
      const read = [...element.querySelectorAll<HTMLElement>("[data-row]")]
        .map((row) => ({ row: row.dataset.row, at: Math.round(row.getBoundingClientRect().top - top) }))
        .find(({ at }) => at > 0);
      return read ?? null;
    });
  const settled = async () => {
    const before = await place();
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
    return JSON.stringify(before) === JSON.stringify(await place());
  };
  await expect.poll(settled).toBe(true);
  const before = await place();
  model.gates.open("begin");
  await expect.poll(() => model.gates.waiting("end")).toBe(1);
  model.gates.open("end");
  await page.getByRole("button", { name: "Send" }).waitFor();
  expect(await place()).toEqual(before);
  await page.getByRole("button", { name: "Jump to latest" }).click();
  await log.getByText("One more line.").last().waitFor();
  // Screen readers heard it once, when it was finished.
  const heard = await page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard);
  expect(heard.filter((text) => text.includes("One more line."))).toHaveLength(1);
});

it("goes on following when a button was pressed, however the content moves at that moment", async () => {
  // Again and again: the wheel of the test before may still count.
  const fromEnd = () =>
    conversation().evaluate(async (element) => {
      const drawn = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      element.scrollTop = element.scrollHeight;
      await drawn();
      element.querySelector("button")?.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
      element.scrollTop -= 300;
      await drawn();
      return element.scrollHeight - element.scrollTop - element.clientHeight;
    });
  await expect.poll(fromEnd).toBeLessThan(2);
  await page.getByRole("button", { name: "Jump to latest" }).waitFor({ state: "detached" });
});

it("lets go of the end when the browser itself scrolls up, by its own search for instance", async () => {
  const log = conversation();
  const latest = page.getByRole("button", { name: "Jump to latest" });
  const fromEnd = () =>
    log.evaluate(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight);
  // Again and again: for a moment the press of the test before may account for what moves.
  const found = async () => {
    await log.evaluate(async (element) => {
      const drawn = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      element.querySelector("[data-row]")?.scrollIntoView();
      await drawn();
      await drawn();
    });
    return fromEnd();
  };
  await expect.poll(found).toBeGreaterThan(200);
  await latest.waitFor();
  // What grows below leaves it where it is, and is followed again from the end.
  const grow = () =>
    log.evaluate(({ firstElementChild }) => {
      (firstElementChild as HTMLElement).style.paddingBottom = "300px";
    });
  const before = await fromEnd();
  await grow();
  await expect.poll(fromEnd).toBeGreaterThan(before + 200);
  await latest.click();
  await expect.poll(fromEnd).toBeLessThan(2);
  await log.evaluate(({ firstElementChild }) => {
    (firstElementChild as HTMLElement).style.paddingBottom = "";
  });
  await latest.waitFor({ state: "detached" });
  await expect.poll(fromEnd).toBeLessThan(2);
});

it("sets formulas, draws diagrams, and shows no picture that would be fetched from elsewhere", async () => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.getByRole("textbox", { name: "Message Claude" }).fill("[[script:rich-text]] show me");
  await page.getByRole("button", { name: "Send" }).click();
  const log = conversation();
  await log.getByRole("img", { name: "Diagram (flowchart)" }).waitFor();
  await log.getByRole("img", { name: "Diagram (sequence diagram)" }).waitFor();
  await log.getByRole("img", { name: "A plot" }).waitFor();
  await log.locator(".katex-display").first().waitFor();
  // In other colours the diagram is another picture, below the same buttons: a press of one may just have begun.
  const diagram = log.getByRole("img", { name: "Diagram (flowchart)" }).locator("visible=true").last();
  const before = await diagram.getAttribute("src");
  const enlarge = await log.getByRole("button", { name: "Enlarge" }).first().elementHandle();
  await page.emulateMedia({ colorScheme: "light" });
  await expect.poll(() => diagram.getAttribute("src")).not.toBe(before);
  expect(await enlarge?.evaluate((button) => button.isConnected)).toBe(true);
  expect(await log.getByText("It costs $5 or $10").count()).toBe(1);
  expect(await log.getByRole("link", { name: "A pixel" }).getAttribute("href")).toContain("tracker.example");
  await expectSound();
  expect(asked.filter((url) => !url.startsWith(product.url) && /^https?:/.test(url))).toEqual([]);
  await log.getByRole("button", { name: "Enlarge" }).first().click();
  await page.getByRole("dialog").getByRole("img").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
});

it("pins the to-do list, and shows what a command writes while it runs", async () => {
  const send = async (text: string) => {
    await page.getByRole("textbox", { name: "Message Claude" }).fill(text);
    await page.getByRole("button", { name: "Send" }).click();
  };
  const todos = page.getByRole("region", { name: "To-do list" });
  await send("[[script:tool-task-create]] plan it");
  await todos.getByText("0 of 2").waitFor();
  await send("[[script:tool-task-update]] go on");
  await todos.getByRole("button", { name: /Fixing the answer\s*1 of 2/ }).click();
  await todos.getByRole("listitem").filter({ hasText: "Read the code" }).getByLabel("Done").waitFor();
  await send("[[script:slow-command]] wait");
  const card = conversation().locator("[data-tool-state=running]");
  await card.getByText("it begins", { exact: true }).waitFor();
  await client.execute(session.id, "touch go-on.txt");
  await conversation().getByText("The file was there.").waitFor();
  await conversation().getByText("it ends").last().waitFor();
  await expectSound();
});

it("names in the workbench's head what its first scripts will ask for", async () => {
  const early = join(root, "web/.next/static/early.json");
  const files: string[] = JSON.parse(await readFile(early, "utf8"));
  const context = page.context();
  const html = await (await context.request.get(`${product.url}/sessions/${session.id}`)).text();
  const named = new Set([...html.matchAll(/ (?:href|src)="\/_next\/([^"]+)"/g)].map(([, file]) => file));
  expect(files.length).toBeGreaterThan(1);
  expect(files.filter((file) => !named.has(file))).toEqual([]);
  expect(html).toMatch(/rel="modulepreload" href="\/monaco\/monaco-[^"]+" fetchPriority="low" nonce="/);
});

it("opens the one connection of a session's page before any script has come, and greets once", async () => {
  const other = await page.context().newPage();
  const sent: string[][] = [];
  other.on("websocket", (socket) => {
    const frames: string[] = [];
    sent.push(frames);
    socket.on("framesent", ({ payload }) => frames.push(String(payload)));
  });
  const scripts = Promise.withResolvers<void>();
  await other.route("**/*.js", async (route) => {
    await scripts.promise;
    await route.continue();
  });
  await other.goto(`${product.url}/sessions/${session.id}`, { waitUntil: "commit" });
  await expect.poll(() => sent).toEqual([["40"]]);
  scripts.resolve();
  await other.getByRole("treeitem", { name: "answer.ts" }).waitFor();
  expect(sent).toHaveLength(1);
  expect(sent[0]?.filter((frame) => frame === "40")).toEqual(["40"]);
  await other.close();
});

it("has a sound workbench, with editor, terminal, Claude, tasks, search and palette", async () => {
  await page.getByRole("treeitem", { name: "answer.ts" }).dblclick();
  await page.locator(".monaco-editor .view-lines").first().waitFor();
  await page.getByRole("region", { name: "Terminal" }).locator(".xterm").first().waitFor();
  await expectSound();
  await page.getByRole("button", { name: "Tasks" }).click();
  await page.getByRole("tab", { name: "Search" }).click();
  await expectSound();
  await page.getByRole("button", { name: "Go to file" }).first().click();
  await page.getByRole("combobox", { name: "Go to file or command" }).fill("answer");
  await page.getByRole("option", { name: /answer\.ts/ }).waitFor();
  await expectSound();
  await page.keyboard.press("Escape");
  await page.getByRole("combobox").waitFor({ state: "detached" });
});

it("steers Claude by sound menus: effort, limits, context, and the settings of the session's Claude", async () => {
  const pane = page.getByRole("region", { name: "Claude" });
  // In a conversation of the agent's own; the long one was written behind its back.
  await pane.getByRole("button", { name: "New conversation" }).click();
  await pane.getByRole("button", { name: /^Model: / }).click();
  await page.getByRole("menuitemradio", { name: "High", exact: true }).click();
  // By the journal: it is there for everybody in the conversation.
  await conversation().getByText("Effort: high").waitFor();
  await pane.getByRole("button", { name: /^Model: .* · high$/ }).click();
  await page.getByRole("menuitem", { name: "Limits of this conversation…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Budget in US dollars").fill("a lot");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByRole("alert").waitFor();
  await dialog.getByLabel("Budget in US dollars").fill("25");
  await dialog.getByRole("button", { name: "Save" }).click();
  await conversation().getByText("Budget: $25.00").waitFor();
  await pane.getByRole("button", { name: /^Context: / }).click();
  await page.getByRole("button", { name: "Compact the conversation" }).waitFor();
  await expectSound();
  await page.keyboard.press("Escape");
  await pane.getByRole("button", { name: "Claude's settings" }).click();
  await dialog.getByText("No MCP servers yet.").waitFor();
  await dialog.getByRole("button", { name: "Add a server" }).click();
  await dialog.getByLabel("Name").fill("away");
  await dialog.getByLabel("How it is reached").selectOption("http");
  await dialog.getByLabel("Address").fill("https://mcp.example.org/mcp?key=none");
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  // Egress' own word, and not the query of the address.
  await dialog.getByText(/The network's policy refused mcp\.example\.org/).waitFor();
  await dialog.getByText("https://mcp.example.org/mcp", { exact: true }).waitFor();
  await expectSound();
  await dialog.getByRole("tab", { name: "Subagents" }).click();
  await dialog.getByRole("button", { name: "New subagent" }).click();
  await dialog.getByLabel("Name").fill("code-reader");
  await dialog.getByLabel("For").selectOption("user");
  await dialog.getByRole("button", { name: "Make" }).click();
  await dialog.getByRole("textbox", { name: "agents/code-reader.md" }).waitFor();
  await expectSound();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await dialog.getByText("~/.claude/agents/code-reader.md").waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
});

it("makes the workspace a repository, and its files the first commit", () => reviewer.commitFirst());
it("shows what Claude changed, beside what was there before", () => reviewer.lookAtEdits());
it("takes comments to Claude as one message", () => reviewer.comment());
it("accepts and takes back change by change, live", () => reviewer.acceptAndRevert());
it("lets Claude propose the message, and heeds hooks", () => reviewer.commitWithClaude());
it("attaches what is pasted, dropped, chosen and mentioned", () => reviewer.write());
it("tells all keys by a key", () => reviewer.lookUpKeys());

it("offers no way to the end of a talk that is in sight as a whole", async () => {
  await conversation().hover();
  const latest = page.getByRole("button", { name: "Jump to latest" });
  const isAtTop = async () => {
    await page.mouse.wheel(0, -2000);
    return conversation().evaluate(({ scrollTop }) => scrollTop === 0);
  };
  await expect.poll(isAtTop).toBe(true);
  await latest.waitFor();
  await page.setViewportSize({ width: 1440, height: 6000 });
  await latest.waitFor({ state: "detached" });
  await page.setViewportSize({ width: 1440, height: 900 });
});

it("is sound on a phone", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const pane of ["Explorer", "Editor", "Terminal", "Claude"]) {
    await page.getByRole("navigation", { name: "Panes" }).getByRole("button", { name: pane }).click();
    await page.getByRole("region", { name: pane }).waitFor();
    await expectSound();
  }
});

it("left no error in the page's console", () => expect(errors).toEqual([]));

it("shows the file that was in front when a stopped session runs again", async () => {
  const { id } = await client.createSession({ name: "Put away" });
  await client.execute(id, "printf 'const kept = true;\\n' > kept.ts");
  const away = await page.context().newPage();
  const text = away.locator(".view-lines").getByText("kept");
  await away.goto(`${product.url}/sessions/${id}`);
  await away.getByRole("treeitem", { name: "kept.ts" }).dblclick();
  await text.waitFor();
  await client.call("POST", `/api/sessions/${id}/stop`);
  await client.untilState(id, "stopped");
  await away.reload();
  await away.getByRole("button", { name: "Resume" }).click();
  await text.waitFor();
  await away.close();
});
