import { readFile } from "node:fs/promises";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ScriptedModel } from "./scripted-model/index.ts";
import { launchBrowser, picture, watchForErrors } from "./testing/browser.ts";
import { Client } from "./testing/client.ts";
import { Product } from "./testing/product.ts";

const model = new ScriptedModel();
let product: Product;
let client: Client;
let browser: Browser;
let page: Page;
let sessionId: string;
let errors: string[] = [];

beforeAll(async () => {
  await model.listen();
  product = await Product.start({ modelUrl: model.url });
  client = await Client.signIn(product);
  sessionId = (await client.createSession({ name: "Decisions" })).id;
  browser = await launchBrowser();
  page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  page.setDefaultTimeout(60_000);
  errors = watchForErrors(page);
  await page.goto(product.link);
  // The first pages of a server that has just started.
  await page.getByRole("link", { name: "Decisions" }).click({ timeout: 90_000 });
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  await model.close();
});

const claude = (): Locator => page.getByRole("region", { name: "Claude" });
const box = () => claude().getByRole("textbox", { name: "Message Claude" });
const bash = (command: string) => ({
  steps: [
    { content: [{ type: "tool_use", name: "Bash", input: { command, description: "Do it" } }] },
    { content: [{ type: "text", text: `Finished: ${command}` }] },
  ],
});
async function ask(text: string): Promise<void> {
  await box().fill(text);
  await box().press("Enter");
}
const icon = () =>
  page.evaluate(() => document.querySelector<HTMLLinkElement>('link[rel~="icon"]')?.href ?? "");
/** In every size and light in which people see it. */
async function pictures(name: string): Promise<void> {
  await picture(page, `deciding-${name}`);
  await page.emulateMedia({ colorScheme: "dark" });
  await picture(page, `deciding-${name}-dark`);
  await page.emulateMedia({ colorScheme: "light" });
}

describe("a permission question", () => {
  it("marks title, icon and badge, and is answered by a key from the text box without leaving it", async () => {
    model.director.define("one", bash("touch one.txt"));
    await ask("[[script:one]]");
    await claude().getByRole("button", { name: "Allow", exact: true }).waitFor();
    await expect.poll(() => page.title()).toMatch(/^● /);
    await expect.poll(icon).toMatch(/circle/);
    await page.getByRole("banner").getByText("Needs your answer").waitFor();
    await pictures("question");
    // In another conversation one is told as well, and led back.
    await claude().getByRole("button", { name: "New conversation" }).click();
    await claude().getByRole("button", { name: "Allow", exact: true }).waitFor({ state: "detached" });
    await expect.poll(() => page.title()).toMatch(/^● /);
    await page.getByRole("banner").getByRole("button", { name: "Needs your answer" }).click();
    const question = claude().getByRole("group", { name: /^Claude wants to run/ });
    await question.waitFor();
    await expect.poll(() => question.evaluate((card) => card === document.activeElement)).toBe(true);
    // What one writes is not taken for an answer.
    await box().fill("");
    await box().pressSequentially("yes no");
    expect(await claude().getByRole("button", { name: "Allow", exact: true }).count()).toBe(1);
    await box().press("Alt+y");
    await claude().getByText("Finished: touch one.txt").waitFor();
    await claude()
      .getByText(/^Allowed by .*, /)
      .waitFor();
    expect(await box().inputValue()).toBe("yes no");
    await box().fill("");
    await expect.poll(icon).not.toMatch(/circle/);
    await expect.poll(() => page.title()).not.toMatch(/^● /);
  });

  it("is allowed always by a rule that one has changed, which is listed and removed in one place", async () => {
    await ask("[[script:one]] again");
    await claude().getByRole("button", { name: "Always allow…" }).click();
    const rule = claude().getByRole("textbox", { name: "Always allow, one rule a line" });
    expect(await rule.inputValue()).toBe("Bash(touch one.txt)");
    // Escape leads back to the buttons and their keys; whoever opens a form writes on where its text ends.
    await rule.press("Escape");
    await claude().getByRole("button", { name: "Allow", exact: true }).waitFor();
    await page.keyboard.press("e");
    const command = claude().getByRole("textbox", { name: "What Bash is to do" });
    await page.keyboard.type(" two.txt");
    expect(await command.inputValue()).toBe("touch one.txt two.txt");
    await command.press("Escape");
    await page.keyboard.press("a");
    await rule.fill("Bash(");
    await claude().getByText("Bash( is no rule.").waitFor();
    await rule.fill("Bash(touch:*)");
    await pictures("always");
    await claude().getByRole("button", { name: "Always allow", exact: true }).click();
    await claude()
      .getByText(/Always allowed by .*Bash\(touch:\*\)/)
      .waitFor();
    const file = () => client.execute(sessionId, "cat .claude/settings.local.json");
    await expect.poll(async () => (await file()).stdout).toContain("Bash(touch:*)");

    model.director.define("two", bash("touch two.txt"));
    await ask("[[script:two]]");
    await claude().getByText("Finished: touch two.txt").waitFor();
    await claude()
      .getByRole("button", { name: /^Mode: / })
      .click();
    await page.getByRole("menuitem", { name: "Permission rules…" }).click();
    const dialog = page.getByRole("dialog", { name: "Permission rules" });
    await dialog.getByText("Bash(touch:*)").waitFor();
    await pictures("rules");
    await dialog.getByRole("button", { name: "Remove Bash(touch:*)" }).click();
    await dialog.getByText("There are none").waitFor();
    expect((await file()).stdout).not.toContain("touch");
    await page.keyboard.press("Escape");
  });

  it("is there after a reload and ten minutes without a connection, and tells a second device who was first", async () => {
    await page.clock.install();
    model.director.define("three", bash("mkdir three"));
    await ask("[[script:three]]");
    const allow = claude().getByRole("button", { name: "Allow", exact: true });
    await allow.waitFor();
    await page.reload();
    await allow.waitFor();
    await page.context().setOffline(true);
    await page.clock.fastForward("10:00");
    // What cannot be sent meanwhile says so, and stays where it was written.
    await claude()
      .getByText(/^Reconnecting/)
      .waitFor();
    await ask("Are you there?");
    await page.getByText(/^Not sent yet\. Reconnecting/).waitFor();
    expect(await box().inputValue()).toBe("Are you there?");
    await box().fill("");
    await page.context().setOffline(false);
    await page.clock.runFor(30_000);
    await allow.waitFor();
    await page.clock.resume();
    const other = await page.context().newPage();
    other.setDefaultTimeout(60_000);
    await other.goto(page.url());
    const there = other.getByRole("region", { name: "Claude" });
    await there.getByRole("button", { name: "Deny and stop" }).click();
    await claude()
      .getByText(/^Denied and stopped by /)
      .waitFor();
    await other.close();
  });
});

describe("selected code", () => {
  it("goes into a message by one key, as a chip that can be taken off, and Claude is told of its lines", async () => {
    await claude().getByRole("button", { name: "New conversation" }).click();
    await client.execute(sessionId, "printf 'one\\ntwo\\nthree\\nfour\\n' > lines.txt");
    await page
      .getByRole("region", { name: "Explorer" })
      .getByRole("treeitem", { name: /lines\.txt/ })
      .dblclick();
    const lines = page.getByRole("region", { name: "Editor" }).locator(".monaco-editor .view-lines").first();
    await expect.poll(() => lines.textContent(), { timeout: 60_000 }).toContain("four");
    const remove = claude().getByRole("button", { name: "Remove lines.txt:2–3" });
    // Nothing is selected yet: it says what to do.
    await box().press("Control+Alt+k");
    await page.getByText("Select lines in the editor first").waitFor();
    await lines.click();
    for (const key of ["Control+Home", "ArrowDown", "Shift+ArrowDown", "Shift+End"]) {
      await page.keyboard.press(key);
    }
    await page.keyboard.press("Control+Alt+k");
    await remove.click();
    await remove.waitFor({ state: "detached" });
    await box().press("Control+Alt+k");
    await remove.waitFor();
    await ask("[[script:hello]] What is this?");
    await claude().getByText("I am the scripted model").first().waitFor();
    await remove.waitFor({ state: "detached" });
    await claude().getByRole("log").getByRole("button", { name: "lines.txt:2–3" }).waitFor();
    expect(JSON.stringify(model.messageRequests.map(({ body }) => body))).toContain("lines.txt#L2-3");
  });
});

describe("a plan", () => {
  async function plan(prompt: string): Promise<void> {
    await claude().getByRole("button", { name: "New conversation" }).click();
    await claude()
      .getByRole("button", { name: /^Mode: / })
      .click();
    await page.getByRole("menuitemradio", { name: /^Plan/ }).click();
    await claude().getByRole("button", { name: "Mode: Plan" }).waitFor();
    await ask(prompt);
    await claude().getByRole("heading", { name: "Greet in two languages" }).waitFor();
  }

  it("is commented piece by piece, and all of it goes back as one message", async () => {
    await plan("[[script:plan]] first");
    await claude()
      .getByRole("button", { name: /^Comment on: The program/ })
      .click();
    await claude().getByRole("textbox", { name: "Comment" }).fill("Say salut instead");
    await claude().getByRole("textbox", { name: "Comment" }).press("Control+Enter");
    const commented = claude().getByRole("button", { name: /^Comment on: The program/ });
    await expect.poll(() => commented.evaluate((node) => node === document.activeElement)).toBe(true);
    await claude().getByRole("textbox", { name: "What Claude should think of" }).fill("Be brief");
    // One that was never added is not lost either.
    await claude().getByRole("button", { name: "Comment on: Checks" }).click();
    await claude().getByRole("textbox", { name: "Comment" }).fill("Lint as well");
    await pictures("plan");
    await claude().getByRole("button", { name: "Keep planning" }).click();
    await claude()
      .getByText(/^Sent back by /)
      .waitFor();
    const heard = () => JSON.stringify(model.messageRequests.at(-1)?.body);
    await expect.poll(heard).toContain("Say salut instead");
    expect(heard()).toContain("Be brief");
    expect(heard()).toContain("Lint as well");
    // What the script tries next is no plan. By its key: the card's diff still grows, and moves the buttons.
    await claude().getByRole("button", { name: "Deny", exact: true }).waitFor();
    await box().press("Alt+n");
    await claude()
      .getByText(/^Denied by /)
      .waitFor();
  });

  it("is approved into a chosen mode, and never into the one that asks nothing", async () => {
    await plan("[[script:plan]] second");
    await claude().getByRole("radio", { name: "Accept edits" }).check();
    expect(await claude().getByRole("radio", { name: "Ask nothing" }).count()).toBe(0);
    await claude().getByRole("button", { name: "Approve", exact: true }).waitFor();
    await claude().getByRole("textbox", { name: "What Claude should think of" }).fill("Mind the accents");
    await claude().getByRole("button", { name: "Approve with comments" }).click();
    await claude().getByText("The plan is carried out.").waitFor();
    expect(JSON.stringify(model.messageRequests.at(-1)?.body)).toContain("Mind the accents");
    await claude()
      .getByText(/^Approved, changed by .*accept edits/)
      .waitFor();
    await claude().getByRole("button", { name: "Mode: Accept edits" }).waitFor();
  });
});

describe("Claude's questions", () => {
  it("are a form: one choice, several, a word of one's own, and previews", async () => {
    await ask("[[script:ask-several]]");
    const form = claude().getByRole("form", { name: "Claude's questions" });
    await form.getByRole("radio", { name: /^Top bar/ }).check();
    await form.getByRole("checkbox", { name: /^Types/ }).check();
    await form.getByRole("checkbox", { name: /^Tests/ }).check();
    await form.getByRole("textbox", { name: "Another answer to: What should it be called?" }).fill("Elder");
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole("navigation", { name: "Panes" }).getByRole("button", { name: "Claude" }).click();
    await page.getByRole("banner").getByText("Needs your answer").waitFor();
    await pictures("form-phone");
    await form.getByRole("button", { name: "Send answers" }).click();
    await claude().getByText("Thank you for deciding.").waitFor();
    await claude()
      .getByText(/^Answered by /)
      .waitFor();
    await page.setViewportSize({ width: 1440, height: 900 });
  });
});

describe("an MCP server that wants a sign-in", () => {
  it("is signed in to at its own page, from which the person brings an address back", async () => {
    const port = 4567;
    const live = client.live();
    const source = await readFile(new URL("./agent-chat/testing/oauth-mcp.ts", import.meta.url), "base64");
    await client.execute(sessionId, `echo ${source} | base64 -d > guarded.ts`);
    const terminal = page.getByRole("region", { name: "Terminal" });
    await terminal.locator(".xterm-helper-textarea").first().focus();
    await page.keyboard.type(`node guarded.ts ${port}\n`);
    await expect.poll(() => terminal.locator(".xterm-rows").first().textContent()).toContain("listening");
    const config = { type: "http", url: `http://127.0.0.1:${port}/mcp`, headers: {} } as const;
    await live.command("claude.add-server", sessionId, { scope: "user", name: "guarded", config });
    live.close();
    await claude().getByRole("button", { name: "Claude's settings" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Wants a sign-in").waitFor();
    await dialog.getByRole("button", { name: "Sign in… to guarded" }).click();
    const link = dialog.getByRole("link", { name: `Sign in at 127.0.0.1:${port}` });
    const href = await link.getAttribute("href");
    const led = await client.execute(sessionId, `curl -s -o /dev/null -w '%{redirect_url}' '${href}'`);
    const field = dialog.getByRole("textbox", { name: /^2\. At the end/ });
    await field.fill(led.stdout.replace("state=", "state=forged"));
    await dialog.getByRole("button", { name: "Finish" }).click();
    await dialog.getByText(/guarded did not sign Claude in/).waitFor();
    await pictures("server-sign-in");
    await page.setViewportSize({ width: 390, height: 844 });
    await pictures("server-sign-in-phone");
    await page.setViewportSize({ width: 1440, height: 900 });
    await field.fill(led.stdout);
    await dialog.getByRole("button", { name: "Finish" }).click();
    await dialog.getByText("Connected", { exact: true }).waitFor();
    await dialog.getByText("1 tool", { exact: true }).waitFor();
    await page.keyboard.press("Escape");
  });
});

describe("a conversation", () => {
  const more = async (name: string) => {
    await claude().getByRole("button", { name: "More for this conversation" }).click();
    await page.getByRole("menuitem", { name }).click();
  };
  const list = () => claude().getByRole("button", { name: /^Conversation:/ });

  it("is taken along as a file, goes on beside itself, is put away and taken out again", async () => {
    await claude().getByRole("button", { name: "New conversation" }).click();
    await ask("[[script:hello]] Who are you?");
    await claude().getByText("I am the scripted model").waitFor();
    for (const [name, ending] of [
      ["Export as Markdown", /\.md$/],
      ["Export as JSON", /\.json$/],
    ] as const) {
      const [download] = await Promise.all([page.waitForEvent("download"), more(name)]);
      expect(download.suggestedFilename()).toMatch(ending);
    }
    const message = claude().getByText("Who are you?").last();
    await message.hover();
    await claude().getByRole("button", { name: "More for this message" }).last().click();
    await page.getByRole("menuitem", { name: "New conversation after the answer" }).click();
    await claude().getByText("A new conversation from here on").waitFor();
    await claude().getByText("I am the scripted model").waitFor();
    await more("Archive");
    await page.getByText("The conversation is archived.").waitFor();
    await list().click();
    await page.getByRole("menuitem", { name: /^Show archived/ }).waitFor();
    await page.keyboard.press("Escape");
    await more("Take out of the archive");
    await page.getByText("The conversation is in the list again.").waitFor();
    await list().click();
    await page.getByRole("menuitem").first().waitFor();
    expect(await page.getByRole("menuitem", { name: /^Show archived/ }).count()).toBe(0);
    await page.keyboard.press("Escape");
  });

  it("is found from the list of sessions, and one is led to what was said", async () => {
    await page.goto(product.url);
    await page.getByRole("button", { name: "Find in conversations" }).click();
    const dialog = page.getByRole("dialog", { name: "Find in conversations" });
    await dialog.getByRole("combobox").fill("scripted mod");
    await dialog
      .getByRole("option", { name: /scripted model/ })
      .first()
      .click();
    await page.waitForURL(/\/sessions\//);
    await claude().locator(".claude-marked").waitFor();
  });

  it("left no error in the page's console", () => {
    // The line was cut on purpose.
    expect(errors.filter((error) => !error.includes("ERR_INTERNET_DISCONNECTED"))).toEqual([]);
  });
});
