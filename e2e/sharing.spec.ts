import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ScriptedModel } from "./scripted-model/index.ts";
import { launchBrowser, picture, watchForErrors } from "./testing/browser.ts";
import { Client } from "./testing/client.ts";
import { addPerson, clientOf, type Person } from "./testing/members.ts";
import { freePort, Product } from "./testing/product.ts";

const model = new ScriptedModel();
/** A picture of one pixel. */
const dotPng =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
let product: Product;
let client: Client;
let browser: Browser;
let guest: Person;
let sessionId: string;
let owner: Page;
const guestPages: Page[] = [];
let errors: string[] = [];

beforeAll(async () => {
  await model.listen();
  product = await Product.start({
    modelUrl: model.url,
    environment: {
      OIDC_ISSUER: `http://127.0.0.1:${await freePort()}`,
      OIDC_CLIENT_ID: "app",
      OIDC_CLIENT_SECRET: "oidc-hidden-from-pages",
    },
  });
  client = await Client.signIn(product);
  sessionId = (await client.createSession({ name: "Pair work" })).id;
  await client.execute(sessionId, "echo 'first line' > notes.txt");
  guest = await addPerson(product, "Grace Guest");
  browser = await launchBrowser();
  owner = await openPage(await browser.newContext({ viewport: { width: 1440, height: 900 } }));
  errors = watchForErrors(owner);
  await owner.goto(product.link);
  // The first pages of a server that has just started.
  await owner.getByRole("link", { name: "Pair work" }).click({ timeout: 90_000 });
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  await model.close();
});

async function openPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  return page;
}

async function guestContext(): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.addCookies([{ ...guest.cookie, url: product.url }]);
  return context;
}

const pane = (page: Page, name: string): Locator => page.getByRole("region", { name });
const terminalText = async (page: Page) =>
  (await pane(page, "Terminal").locator(".xterm-rows").first().textContent())?.replaceAll("\u00a0", " ") ??
  "";

async function typeInTerminal(page: Page, command: string): Promise<void> {
  await pane(page, "Terminal").locator(".xterm-helper-textarea").first().focus();
  await page.keyboard.type(`${command}\n`);
}

async function ask(page: Page, message: string): Promise<void> {
  await page.getByRole("textbox", { name: "Message Claude" }).fill(message);
  await page.getByRole("button", { name: "Send" }).click();
}

/** The same page as a phone and a desk see it, by day and by night. */
async function pictures(page: Page, name: string): Promise<void> {
  for (const [size, viewport] of [
    ["desk", { width: 1440, height: 900 }],
    ["phone", { width: 390, height: 844 }],
  ] as const) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await picture(page, `sharing-${name}-${size}-${colorScheme}`);
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
}

describe("two people in one session", () => {
  it("the owner adds somebody by their address, in the title bar", async () => {
    await pane(owner, "Terminal").locator(".xterm-helper-textarea").first().waitFor({ state: "attached" });
    await owner.getByRole("button", { name: "Share" }).click();
    const dialog = owner.getByRole("dialog");
    await dialog.getByLabel("Add a person").fill("nobody@example.org");
    await dialog.getByRole("button", { name: "Add" }).click();
    await dialog.getByText("Nobody with this address can sign in here.").waitFor();
    await dialog.getByLabel("Add a person").fill(guest.email);
    await dialog.getByRole("button", { name: "Add" }).click();
    await dialog.getByRole("button", { name: "Grace Guest: Viewer" }).waitFor();
    await dialog.getByRole("button", { name: "Create link" }).click();
    await expect.poll(() => dialog.getByLabel("Link", { exact: true }).inputValue()).toMatch(/\/join#/);
    await pictures(owner, "dialog");
    await owner.keyboard.press("Escape");
  });

  it("what is sent while Claude works waits in a list that every tab shows and changes; / lists commands", async () => {
    await ask(owner, "[[script:gated]] begin");
    await owner.getByText("Before the gate.").first().waitFor();
    const tab = await openPage(owner.context());
    await tab.goto(owner.url());
    await ask(owner, "[[script:hello]] then the tests");
    await ask(owner, "[[script:thinking]] then the docs");
    const waiting = (page: Page) => page.getByRole("region", { name: "Messages that wait" });
    const [here, there] = [waiting(owner), waiting(tab)] as const;
    await here.getByText("2 messages next").waitFor();
    // A page that is loaded anew has what was written until then, and what waits.
    await owner.reload();
    await owner.getByText("Before the gate.").first().waitFor();
    await here.getByText("2 messages next").waitFor();
    await there.getByRole("button", { name: "Move up" }).nth(1).click();
    await here.getByRole("listitem").first().getByText("then the docs").waitFor();
    await here.getByRole("button", { name: "Edit message" }).first().click();
    await here.getByRole("textbox", { name: "Edit the message" }).fill("[[script:thinking]] the handbook");
    await owner.keyboard.press("Enter");
    await there.getByText("the handbook").waitFor();
    await pictures(owner, "queue");
    await pane(owner, "Claude").getByRole("button", { name: "Stop" }).click();
    await there.getByText(/2 messages held/).waitFor();
    await pictures(owner, "queue-held");
    await there.getByRole("button", { name: "Remove message" }).last().click();
    await there.getByRole("button", { name: "Continue" }).click();
    await owner.getByText("I have thought about it.").first().waitFor();
    await here.waitFor({ state: "detached" });
    await tab.close();

    const box = owner.getByRole("textbox", { name: "Message Claude" });
    await box.fill("/comp");
    await owner.getByRole("option", { name: /^\/compact/ }).waitFor();
    await pictures(owner, "commands");
    await box.press("Enter");
    await expect.poll(() => box.inputValue()).toBe("/compact ");
    await box.fill("");

    const attached = pane(owner, "Claude").getByRole("button", { name: /^Remove uploads/ });
    const attachDot = async () => {
      await owner.getByLabel("Files to attach").setInputFiles({
        name: "dot.png",
        mimeType: "image/png",
        buffer: Buffer.from(dotPng, "base64"),
      });
      await attached.waitFor();
    };
    await attachDot();
    await pane(owner, "Claude")
      .getByRole("button", { name: /^Open uploads/ })
      .locator("img")
      .waitFor();
    await ask(owner, "[[script:hello]] what is on it?");
    await expect
      .poll(() => JSON.stringify(model.messageRequests.at(-1)?.body))
      .toContain('"media_type":"image/png"');
    await pictures(owner, "image");
    await box.press("ArrowUp");
    await expect.poll(() => box.inputValue()).toBe("[[script:hello]] what is on it?");
    await box.fill("");
    // A picture is a message by itself, too.
    await attachDot();
    await box.press("Enter");
    await attached.waitFor({ state: "detached" });
    await expect
      .poll(() => JSON.stringify(model.messageRequests.at(-1)?.body).split('"media_type":"image/png"').length)
      .toBe(3);

    await ask(owner, "[[script:bash]]");
    const question = pane(owner, "Claude").getByRole("group", { name: /run this command|Make a file/ });
    await question.getByRole("button", { name: "Edit" }).click();
    await question.getByRole("textbox", { name: "What Bash is to do" }).fill("touch by-the-owner.txt");
    await pictures(owner, "edit-input");
    await question.getByRole("button", { name: "Allow as changed" }).click();
    await owner.getByText("The command ran.").first().waitFor();
    expect((await client.execute(sessionId, "ls")).stdout).toMatch(/by-the-owner\.txt/);
    await box.blur();
  });

  it("what one has begun to write stands on one's phone, and what waits there is moved and changed by keys", async () => {
    const box = (page: Page) => page.getByRole("textbox", { name: "Message Claude" });
    await box(owner).fill("half a thought");
    // The browser remembers that the server has it.
    const stored = /half a thought","attachments":\[\],"saved":true/;
    await expect.poll(() => owner.evaluate(() => Object.values(localStorage).join("\n"))).toMatch(stored);
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    await context.addCookies(await owner.context().cookies());
    const phone = await openPage(context);
    await phone.goto(owner.url());
    // That is what a phone begins with.
    await expect.poll(() => box(phone).inputValue()).toBe("half a thought");
    // A keyboard over the page (Safari's way) leaves the text box above it.
    const cover = (height: number) =>
      phone.evaluate((left) => {
        Object.defineProperty(visualViewport, "height", { value: left, configurable: true });
        visualViewport?.dispatchEvent(new Event("resize"));
      }, height);
    const bottom = async () => Math.round((await box(phone).boundingBox())?.y ?? 0);
    const before = await bottom();
    await cover(508);
    await expect.poll(bottom).toBe(before - (844 - 508));
    await cover(844);
    await expect.poll(bottom).toBe(before);

    await ask(phone, "[[script:gated]] begin again");
    await pane(phone, "Claude").getByRole("button", { name: "Stop" }).waitFor();
    for (const text of ["[[script:hello]] one", "[[script:hello]] two"]) await ask(phone, text);
    const waiting = phone.getByRole("region", { name: "Messages that wait" });
    await waiting.getByText("2 messages next").waitFor();
    const up = waiting.getByRole("button", { name: "Move up" });
    await up.last().focus();
    await phone.keyboard.press("Enter");
    await waiting.getByRole("listitem").first().getByText("two").waitFor();
    await waiting.getByRole("button", { name: "Edit message" }).first().focus();
    await phone.keyboard.press("Enter");
    await phone.keyboard.type(" and more");
    await phone.keyboard.press("Enter");
    await owner.getByText("two and more").waitFor();
    const hasFocus = (element: Locator) => element.evaluate((node) => node === document.activeElement);
    await expect
      .poll(() => hasFocus(waiting.getByRole("button", { name: "Edit message" }).first()))
      .toBe(true);
    await picture(phone, "sharing-queue-by-keys-phone");
    // From one that goes the keys go on to the next, and from the last one to the text box.
    await waiting.getByRole("button", { name: "Remove message" }).first().focus();
    await phone.keyboard.press("Enter");
    await waiting.getByText("1 message next").waitFor();
    expect(await hasFocus(waiting.getByRole("button", { name: "Remove message" }))).toBe(true);
    await phone.keyboard.press("Enter");
    await waiting.waitFor({ state: "detached" });
    await expect.poll(() => hasFocus(box(phone))).toBe(true);
    await box(phone).press("Escape");
    await pane(owner, "Claude").getByRole("button", { name: "Stop" }).waitFor({ state: "detached" });
    await context.close();
    await box(owner).fill("");
  });

  it("the viewer finds it in their list, and both see each other", async () => {
    const page = await openPage(await guestContext());
    guestPages.push(page);
    await page.goto(product.url);
    await page.getByText("Shared by").waitFor();
    await picture(page, "sharing-list");
    await page.getByRole("link", { name: "Pair work" }).click();
    await page.getByText("You are viewing").waitFor();
    await owner.getByRole("button", { name: "Also here: Grace Guest (viewer)" }).waitFor();
    await page.getByRole("button", { name: /Also here: .* \(owner\)/ }).waitFor();
  });

  it("the viewer sees the owner's terminal and chat live, and can touch nothing", async () => {
    const [page] = guestPages as [Page];
    await typeInTerminal(owner, "echo live-$((6*7))");
    await expect.poll(() => terminalText(page), { timeout: 20_000 }).toContain("live-42");
    await typeInTerminal(page, "echo typed-by-the-viewer");

    await ask(owner, "[[script:bash]] Make a file");
    await pane(page, "Claude").getByText("Someone who may answer must decide.").waitFor();
    await pane(owner, "Claude").getByRole("button", { name: "Allow", exact: true }).waitFor();
    for (const name of ["Allow", "Deny", "Send", "New terminal"]) {
      expect(await page.getByRole("button", { name, exact: true }).count(), name).toBe(0);
    }
    expect(await page.getByRole("textbox", { name: "Message Claude" }).count()).toBe(0);
    await pane(page, "Explorer").getByRole("treeitem", { name: "notes.txt" }).dblclick();
    const lines = pane(page, "Editor").locator(".monaco-editor .view-lines").first();
    await expect.poll(() => lines.textContent(), { timeout: 20_000 }).toContain("first");
    await lines.click();
    await page.keyboard.type("changed by the viewer");
    await pictures(page, "viewer");
    await pane(owner, "Claude").getByRole("button", { name: "Allow", exact: true }).click();
    await pane(page, "Claude").getByText("The command ran.").waitFor({ timeout: 60_000 });
    await pane(page, "Claude")
      .getByText(/^Allowed by /)
      .waitFor();

    expect((await client.execute(sessionId, "cat notes.txt")).stdout).toBe("first line\n");
    expect(await terminalText(owner)).not.toContain("typed-by-the-viewer");
  });

  it("the viewer sees what has changed, and can neither take it back nor commit it", async () => {
    const [page] = guestPages as [Page];
    const commit = "git -c user.name=Ada -c user.email=ada@example.org commit --quiet --message=Begin";
    await client.execute(sessionId, `git init --quiet && git add --all && ${commit}`);
    await client.execute(sessionId, "echo 'second line' >> notes.txt");
    for (const [who, buttons] of [
      [owner, 1],
      [page, 0],
    ] as const) {
      await who.keyboard.press("Control+Shift+G");
      await who
        .getByRole("tree", { name: "Changed files" })
        .getByRole("treeitem", { name: /notes\.txt/ })
        .click();
      const change = who.getByRole("group", { name: "Change 1 of 1" });
      await change.getByRole("button", { name: "Accept" }).waitFor();
      expect(await change.getByRole("button", { name: "Revert" }).count()).toBe(buttons);
      for (const name of ["Revert this file", "Commit…"]) {
        expect(await who.getByRole("button", { name }).count(), name).toBe(buttons);
      }
      await who.getByRole("button", { name: "Close the changes" }).click();
      await who.getByRole("tab", { name: /^Files/ }).click();
    }
  });

  it("whom the owner lets answer may answer, and the pane says who did", async () => {
    const [page] = guestPages as [Page];
    await owner.getByRole("button", { name: "Share" }).click();
    await owner.getByRole("button", { name: "Grace Guest: Viewer" }).click();
    await owner.getByRole("menuitemcheckbox", { name: "May answer Claude’s questions" }).click();
    await owner.getByText("answers Claude", { exact: true }).waitFor();
    await owner.getByRole("dialog").getByRole("button", { name: "Close" }).click();
    await ask(owner, "[[script:bash]] Again");
    await pane(page, "Claude").getByRole("button", { name: "Allow", exact: true }).click();
    await pane(owner, "Claude").getByText("Allowed by Grace Guest").waitFor();
    expect(await page.getByRole("textbox", { name: "Message Claude" }).count()).toBe(0);
  });

  it("somebody who has signed in comes in by a link, and is out when it is revoked", async () => {
    const late = await addPerson(product, "Lena Later");
    const made = await client.call<{ url: string; link: { id: string } }>(
      "POST",
      `/api/sessions/${sessionId}/share-links`,
      { role: "viewer" },
    );
    const context = await browser.newContext();
    const page = await openPage(context);
    await page.goto(made.url);
    await page.getByText("Sign in to see whose it is").waitFor();
    expect(page.url()).toBe(`${product.url}/join`);
    await context.addCookies([{ ...late.cookie, url: product.url }]);
    await page.reload();
    await page.getByText("“Pair work”").waitFor();
    await picture(page, "sharing-join");
    await page.getByRole("button", { name: "Join the session" }).click();
    await page.getByText("You are viewing").waitFor();
    await owner.getByRole("button", { name: /Also here: .*Lena Later/ }).waitFor();
    await client.call("DELETE", `/api/sessions/${sessionId}/share-links/${made.link.id}`);
    await page.getByText("You are no longer in that session.").waitFor();
    await page.waitForURL(`${product.url}/`);
    await context.close();
  });

  it("who is disabled is out of every page at once", async () => {
    const second = await openPage(await guestContext());
    guestPages.push(second);
    await second.goto(`${product.url}/sessions/${sessionId}`);
    await second.getByText("You are viewing").waitFor();
    await client.call("PATCH", `/api/admin/users/${guest.id}`, { status: "disabled" });
    for (const page of guestPages) {
      await page.waitForURL(/\/sign-in/);
      await page.getByText("You are signed out. Sign in again to go on.").waitFor();
    }
    await expect.poll(() => owner.getByRole("button", { name: /Also here/ }).count()).toBe(0);
  });
});

describe("the administration", () => {
  let member: Person;
  let memberPage: Page;
  let theirs: string;

  beforeAll(async () => {
    member = await addPerson(product, "Bea Budget");
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    await context.addCookies([{ ...member.cookie, url: product.url }]);
    memberPage = await openPage(context);
    const memberClient = await clientOf(product, member);
    theirs = (await memberClient.createSession({ name: "Costly work" })).id;
  });

  it("finds a person, gives them a budget, and says what becomes of their sessions before deleting them", async () => {
    await owner.goto(`${product.url}/admin/people`);
    await owner.getByRole("searchbox").fill("bea");
    const row = owner.getByRole("list", { name: "People" }).getByRole("listitem");
    await expect.poll(() => row.count()).toBe(1);
    await row.getByText("1 session, 1 running").waitFor();
    await pictures(owner, "people");
    await owner.getByRole("button", { name: "Actions for Bea Budget" }).click();
    await owner.getByRole("menuitem", { name: "Delete…" }).click();
    await owner.getByRole("alertdialog").getByText("Costly work").waitFor();
    await picture(owner, "sharing-delete-person");
    await owner.getByRole("button", { name: "Cancel" }).click();
    await owner.getByRole("button", { name: "Actions for Bea Budget" }).click();
    await owner.getByRole("menuitem", { name: "Budget…" }).click();
    await owner.getByLabel("US dollars a month").fill("0.01");
    await owner.getByRole("button", { name: "Save" }).click();
    await row.getByText("of $0.01").waitFor();
  });

  it("over budget, Claude Code is refused, and the pane and the sessions page say why", async () => {
    const usage = { inputTokens: 20_000, outputTokens: 1000 };
    model.director.define("costly", {
      steps: [{ content: [{ type: "text", text: "That was dear." }], usage }],
    });
    await memberPage.goto(`${product.url}/sessions/${theirs}`);
    await ask(memberPage, "[[script:costly]] Think hard");
    await pane(memberPage, "Claude").getByText("That was dear.").waitFor({ timeout: 60_000 });
    await ask(memberPage, "[[script:costly]] Again");
    await pane(memberPage, "Claude").getByText("The budget is used up").waitFor({ timeout: 60_000 });
    await picture(memberPage, "sharing-over-budget");
    const asked = model.requests.length;
    await ask(memberPage, "[[script:costly]] And again");
    await expect
      .poll(() => pane(memberPage, "Claude").getByText("The budget is used up").count(), { timeout: 60_000 })
      .toBe(2);
    expect(model.requests.length).toBe(asked);
    await memberPage.goto(product.url);
    await memberPage.getByText("Your budget for this month is spent").waitFor();
    await picture(memberPage, "sharing-budget-notice");
    await memberPage.goto(`${product.url}/settings`);
    await memberPage.getByRole("heading", { name: "Usage" }).waitFor();
    await picture(memberPage, "sharing-usage");
  });

  it("sees who spent what, and exports it", async () => {
    await owner.goto(`${product.url}/admin/spend`);
    await owner.getByText("Budget spent").waitFor();
    await pictures(owner, "spend");
    const table = await (await client.fetch("/api/admin/spend.csv")).text();
    expect(table).toContain("bea.budget@example.org,Bea Budget,");
  });

  it("shows how people sign in, and says in words why a provider cannot be reached", async () => {
    await owner.goto(`${product.url}/admin/sign-in`);
    await owner.getByText(`${product.url}/auth/callback/oidc`).waitFor();
    await owner.getByRole("button", { name: "Test connection" }).click();
    await owner.getByText("The host refuses connections on that port.").waitFor();
    await pictures(owner, "sign-in-settings");
    expect(await owner.content()).not.toContain("oidc-hidden-from-pages");
  });

  it("looks inside only where that is allowed, and the owner is told", async () => {
    await owner.goto(`${product.url}/admin/sessions`);
    const row = owner.getByRole("listitem").filter({ hasText: "Costly work" });
    await row.getByRole("button", { name: "Stop" }).waitFor();
    expect(await row.getByRole("button", { name: "Look inside…" }).count()).toBe(0);
    const { settings } = await client.call<{ settings: object }>("GET", "/api/settings");
    await client.call("PUT", "/api/settings", { ...settings, adminsMayLookInside: true });
    await owner.reload();
    await row.getByRole("button", { name: "Look inside…" }).click();
    await owner.getByLabel("Reason").fill("Helping with the budget");
    await pictures(owner, "look-inside");
    await owner.getByRole("dialog").getByRole("button", { name: "Look inside" }).click();
    await owner.getByText("You are viewing").waitFor();
    await memberPage.getByText("looks into “Costly work”").waitFor();
    await memberPage.getByText("Helping with the budget").waitFor();
  });

  it("left no error in the admin's console but the address that nobody has", () => {
    expect(errors.filter((error) => !/status of 404 .*\/members/.test(error))).toEqual([]);
  });
});
