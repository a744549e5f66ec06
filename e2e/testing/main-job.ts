import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ScriptedModel } from "../scripted-model/index.ts";
import { launchBrowser, picture, watchForErrors } from "./browser.ts";
import { describeUnless } from "./machine.ts";
import { makeProject, type Project } from "./project.ts";
import { Registry } from "./registry.ts";

/** A product that runs, however it was started. */
export interface Installation {
  /** The one-time link that signs the first admin in. */
  readonly link: string;
  /** How many sessions have left anything on disk. */
  countPlaces(): Promise<number>;
  stop(): Promise<void>;
}

export interface MainJobOptions {
  /** Addresses of this machine for the model and the npm registry, such that egress reaches them. */
  readonly addresses: () => Promise<{ readonly model: string; readonly registry: string }>;
  readonly start: (needs: {
    readonly modelUrl: string;
    readonly allowedHosts: string;
  }) => Promise<Installation>;
  /** Begins the names of its pictures. */
  readonly name: string;
}

/** What an element shows; Monaco and xterm write spaces that do not break. */
const textOf = async (element: Locator) => (await element.textContent())?.replaceAll("\u00a0", " ") ?? "";

/** A person at work: each method is a part of the main job, in the order below. */
class MainJob {
  readonly #options: MainJobOptions;
  readonly #model = new ScriptedModel();
  readonly #registry = new Registry();
  readonly #closing: (() => Promise<unknown> | undefined)[] = [];
  #installation: Installation | null = null;
  #archive = "";
  #page: Page | null = null;
  errors: string[] = [];

  constructor(options: MainJobOptions) {
    this.#options = options;
  }

  async begin(): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), "rc-main-job-"));
    this.#closing.push(() => rm(folder, { recursive: true, force: true }));
    const project: Project = await makeProject();
    this.#closing.push(() => project.remove());
    this.#archive = join(folder, "minimist.tar.gz");
    await writeFile(this.#archive, await project.makeArchive("tar.gz"));
    const addresses = await this.#options.addresses();
    await this.#model.listen(0, addresses.model);
    this.#closing.push(() => this.#model.close());
    await this.#registry.listen(addresses.registry);
    this.#closing.push(() => this.#registry.close());
    this.#model.director.define("improve", improvement(this.#registry.url));
    const installation = await this.#options.start({
      modelUrl: this.#model.url,
      allowedHosts: this.#registry.host,
    });
    this.#installation = installation;
    this.#closing.push(() => installation.stop());
    const browser: Browser = await launchBrowser();
    this.#closing.push(() => browser.close());
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    this.#page = await context.newPage();
    this.#page.setDefaultTimeout(30_000);
    this.errors = watchForErrors(this.#page);
  }

  async end(): Promise<void> {
    for (const close of this.#closing.reverse()) await close();
  }

  get page(): Page {
    if (this.#page === null) throw new Error("not begun");
    return this.#page;
  }

  get #product(): Installation {
    if (this.#installation === null) throw new Error("not begun");
    return this.#installation;
  }

  get #claude(): Locator {
    return this.page.getByRole("region", { name: "Claude" });
  }

  get #terminal(): Locator {
    return this.page.getByRole("region", { name: "Terminal" });
  }

  get #file(): Locator {
    return this.page.getByRole("region", { name: "Explorer" }).getByRole("treeitem", { name: /index\.js/ });
  }

  get #lines(): Locator {
    return this.page.getByRole("region", { name: "Editor" }).locator(".monaco-editor .view-lines").first();
  }

  async #editorShows(text: string): Promise<void> {
    await expect.poll(() => textOf(this.#lines), { timeout: 30_000 }).toContain(text);
  }

  async #terminalShows(text: string): Promise<void> {
    const screen = this.#terminal.locator(".xterm-rows, .xterm-accessibility").first();
    await expect.poll(() => textOf(screen), { timeout: 20_000 }).toContain(text);
  }

  async #type(command: string): Promise<void> {
    await this.#terminal.locator(".xterm-helper-textarea").first().focus();
    await this.page.keyboard.type(`${command}\n`);
  }

  #picture(name: string): Promise<unknown> {
    return picture(this.page, `${this.#options.name}-${name}`);
  }

  async signIn(): Promise<void> {
    await this.page.goto(this.#product.link);
    await this.page.getByRole("button", { name: "New session" }).first().waitFor();
    expect(new URL(this.page.url()).hash).toBe("");
  }

  /** Presses a button of a page whose scripts have not come yet. */
  async #pressEarly(name: string): Promise<void> {
    const scripts = /\/_next\/static\/.*\.js/;
    const pressed = Promise.withResolvers<void>();
    await this.page.route(scripts, async (route) => {
      await pressed.promise;
      // The page that asked may be gone by now.
      await route.continue().catch(() => undefined);
    });
    await this.page.reload({ waitUntil: "commit" });
    await this.page.getByRole("button", { name }).first().click({ noWaitAfter: true });
    pressed.resolve();
    await this.page.unroute(scripts);
  }

  async create(): Promise<void> {
    await this.#pressEarly("New session");
    const dialog = this.page.getByRole("dialog");
    await dialog.getByRole("textbox", { name: "Name" }).fill("Main job");
    await dialog.getByRole("tab", { name: "Upload archive" }).click();
    await dialog.locator("input[type=file]").setInputFiles(this.#archive);
    await dialog.getByRole("button", { name: "Create session" }).click();
    await this.page.waitForURL(/\/sessions\/[0-9a-f-]+/);
    await this.#file.waitFor({ timeout: 60_000 });
  }

  async edit(): Promise<void> {
    await this.#file.dblclick();
    await this.#editorShows("module.exports");
    await this.#lines.click();
    await this.page.keyboard.press("Control+Home");
    await this.page.keyboard.type("// edited by hand\n");
    await this.page.keyboard.press("Control+s");
    await this.#type("head -1 index.js");
    await this.#terminalShows("// edited by hand");
    await this.#picture("1-edited");
  }

  async askClaude(): Promise<void> {
    const claude = this.#claude;
    await this.page
      .getByRole("textbox", { name: "Message Claude" })
      .fill("[[script:improve]] Improve this project");
    await this.page.getByRole("button", { name: "Send" }).click();
    await claude.getByText("I will look at the code first.").waitFor();
    await claude.getByRole("button", { name: "Allow", exact: true }).click();
    await this.#editorShows("// edited by Claude");
    const added = claude.getByText("+ // edited by Claude").or(claude.getByText("// edited by Claude"));
    await added.first().waitFor();
    await this.#picture("2-asked");
    await claude.getByRole("button", { name: "Allow", exact: true }).click();
    await claude.getByText("all tests pass").waitFor({ timeout: 90_000 });
    // What a command said is folded away when it went well.
    await claude.getByText("Run the project's tests").click();
    await expect.poll(() => textOf(claude)).toMatch(/# pass\s+\d+/);
    await this.#picture("3-done");
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.#claude.getByText("all tests pass").waitFor();
    await this.#editorShows("// edited by Claude");
    await this.#terminalShows("// edited by hand");
  }

  async stopAndResume(): Promise<void> {
    await this.page.getByRole("button", { name: /Actions for/ }).click();
    await this.page.getByRole("menuitem", { name: /Stop/ }).click();
    await this.page
      .getByRole("button", { name: /Resume/ })
      .first()
      .click();
    await this.#claude.getByText("all tests pass").waitFor({ timeout: 60_000 });
    await this.#editorShows("// edited by Claude");
    await this.#terminal.getByText("its terminal has ended").waitFor();
    // That a program went with its place is said in its place, once, and is no error.
    expect(await this.page.locator("[data-sonner-toast]").allTextContents()).toEqual([]);
    await this.#picture("4-resumed");
    await this.#terminal.getByRole("button", { name: "New terminal" }).first().click();
    await this.#terminal.locator(".xterm-helper-textarea").first().waitFor({ state: "attached" });
    await this.#type("head -1 index.js");
    await this.#terminalShows("// edited by Claude");
  }

  /** What the model was last told, as text. */
  #told(): string {
    return JSON.stringify(this.#model.messageRequests.at(-1)?.body);
  }

  async #ask(message: string, answer: string, times: number): Promise<void> {
    await this.page.getByRole("textbox", { name: "Message Claude" }).fill(message);
    await this.page.getByRole("button", { name: "Send" }).click();
    await expect.poll(() => this.#claude.getByText(answer).count(), { timeout: 60_000 }).toBe(times);
  }

  async goOnAndGoBack(): Promise<void> {
    const claude = this.#claude;
    await this.#ask("[[script:hello]] What was that?", "I am the scripted model", 1);
    expect(this.#told()).toContain("Improve this project");
    expect(this.#told()).toContain("all tests pass");

    const message = claude.getByText("Improve this project").first();
    await message.scrollIntoViewIfNeeded();
    await message.hover();
    await claude.getByRole("button", { name: "More for this message" }).first().click();
    await this.page.getByRole("menuitem", { name: "Go back to before this" }).click();
    const dialog = this.page.getByRole("dialog");
    await dialog.getByRole("listitem").getByText("index.js").waitFor();
    await this.#picture("5-go-back");
    await dialog.getByRole("button", { name: "Go back" }).click();
    await this.#editorShows("// edited by hand");
    await claude.getByRole("button", { name: /Show what was set aside/ }).waitFor();
    await this.#picture("6-gone-back");
    await this.#ask("[[script:hello]] Once more", "I am the scripted model", 1);
    expect(this.#told()).not.toContain("Improve this project");
  }

  async find(): Promise<void> {
    await this.#claude.getByRole("button", { name: "Find in conversations" }).click();
    const dialog = this.page.getByRole("dialog", { name: "Find in conversations" });
    await dialog.getByRole("combobox").fill("tests pas");
    const hit = dialog.getByRole("option", { name: /all tests pass/ });
    await hit.waitFor();
    await this.#picture("7-found");
    await hit.click();
    // It was set aside, and is found all the same.
    await this.#claude.locator(".claude-marked").waitFor();
  }

  async delete(): Promise<void> {
    expect(await this.#product.countPlaces()).toBe(1);
    await this.page.getByRole("button", { name: /Actions for/ }).click();
    await this.page.getByRole("menuitem", { name: /Delete/ }).click();
    const dialog = this.page.getByRole("alertdialog");
    await dialog.getByRole("button", { name: /Delete/ }).click();
    await this.page.getByText("Open your first session").waitFor();
    await expect.poll(() => this.#product.countPlaces(), { timeout: 30_000 }).toBe(0);
  }
}

/** Reads the code, edits it, installs what it needs and runs its tests. */
function improvement(registryUrl: string) {
  const file_path = "{{workspace}}/index.js";
  const tool = (name: string, input: Record<string, unknown>) => ({ type: "tool_use" as const, name, input });
  const command = `npm install --registry ${registryUrl} >/dev/null && npm test | tail -8`;
  const edit = { file_path, old_string: "// edited by hand", new_string: "// edited by Claude" };
  const first = { type: "text" as const, text: "I will look at the code first." };
  return {
    steps: [
      { content: [first, tool("Read", { file_path })] },
      { content: [tool("Edit", edit)] },
      { content: [tool("Bash", { command, description: "Run the project's tests" })] },
      { content: [{ type: "text" as const, text: "Done: the edit is made and **all tests pass**." }] },
    ],
  };
}

/** The main job in a browser, step by step, on a product that is started for it; skipped for a reason. */
export function describeMainJob(
  title: string,
  options: MainJobOptions,
  skipReason: string | null = null,
): void {
  describeUnless(skipReason, title, () => {
    const job = new MainJob(options);
    beforeAll(() => job.begin());
    afterAll(() => job.end());

    it("begins with the printed link, which signs the first admin in", () => job.signIn());
    it("makes a session with a real project in it", () => job.create());
    it("opens a file in Monaco, edits and saves it, and the terminal sees it", () => job.edit());
    it("lets Claude change it, with the edit allowed by a person, and shows the change at once", () =>
      job.askClaude());
    it("has everything in place after a reload", () => job.reload());
    it("stops, resumes, and still has the work and the chat", () => job.stopAndResume());
    it("goes on where it was in a new place, and takes work and talk back to before a message", () =>
      job.goOnAndGoBack());
    it("finds what was said, and leads there", () => job.find());
    it("is gone from disk when it is deleted", () => job.delete());
    it("left no error in the page's console", () => expect(job.errors).toEqual([]));
  });
}
