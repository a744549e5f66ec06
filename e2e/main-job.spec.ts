import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ScriptedModel } from "./scripted-model/index.ts";
import { launchBrowser, picture, watchForErrors } from "./testing/browser.ts";
import { Product } from "./testing/product.ts";
import { makeProject, type Project } from "./testing/project.ts";
import { Registry } from "./testing/registry.ts";

let model: ScriptedModel;
let registry: Registry;
let project: Project;
let product: Product;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let errors: string[];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rc-main-job-"));
  project = await makeProject();
  await writeFile(join(folder, "minimist.tar.gz"), await project.makeArchive("tar.gz"));
  model = new ScriptedModel();
  await model.listen();
  registry = new Registry();
  await registry.listen();
  product = await Product.start({ modelUrl: model.url, allowedHosts: registry.host });
  browser = await launchBrowser();
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  page.setDefaultTimeout(30_000);
  errors = watchForErrors(page);
  model.director.define("improve", {
    steps: [
      {
        content: [
          { type: "text", text: "I will look at the code first." },
          { type: "tool_use", name: "Read", input: { file_path: "{{workspace}}/index.js" } },
        ],
      },
      {
        content: [
          {
            type: "tool_use",
            name: "Edit",
            input: {
              file_path: "{{workspace}}/index.js",
              old_string: "// edited by hand",
              new_string: "// edited by Claude",
            },
          },
        ],
      },
      {
        content: [
          {
            type: "tool_use",
            name: "Bash",
            input: {
              command: `npm install --registry ${registry.url} >/dev/null && npm test | tail -8`,
              description: "Run the project's tests",
            },
          },
        ],
      },
      { content: [{ type: "text", text: "Done: the edit is made and **all tests pass**." }] },
    ],
  });
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  await registry?.close();
  await project?.remove();
  await model?.close();
  await rm(folder, { recursive: true, force: true });
});

const claude = () => page.getByRole("region", { name: "Claude" });
const editor = () => page.getByRole("region", { name: "Editor" });
const terminal = () => page.getByRole("region", { name: "Terminal" });
const explorer = () => page.getByRole("region", { name: "Explorer" });
const lines = () => editor().locator(".monaco-editor .view-lines").first();
const screen = () => terminal().locator(".xterm-rows, .xterm-accessibility").first();

/** What an element shows; Monaco and xterm write spaces that do not break. */
const textOf = async (element: Locator) => (await element.textContent())?.replaceAll("\u00a0", " ") ?? "";

/** Types into the terminal and waits for what it says. */
async function type(command: string): Promise<void> {
  await terminal().locator(".xterm-helper-textarea").first().focus();
  await page.keyboard.type(`${command}\n`);
}

describe("the main job", () => {
  it("begins with the printed link, which signs the first admin in", async () => {
    await page.goto(product.link);
    await page.getByRole("button", { name: "New session" }).first().waitFor();
    expect(new URL(page.url()).hash).toBe("");
  });

  it("makes a session with a real project in it", async () => {
    await page.getByRole("button", { name: "New session" }).first().click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox", { name: "Name" }).fill("Main job");
    await dialog.getByRole("tab", { name: "Upload archive" }).click();
    await dialog.locator("input[type=file]").setInputFiles(join(folder, "minimist.tar.gz"));
    await dialog.getByRole("button", { name: "Create session" }).click();
    await page.waitForURL(/\/sessions\/[0-9a-f-]+/);
    await explorer()
      .getByRole("treeitem", { name: /index\.js/ })
      .waitFor({ timeout: 60_000 });
  });

  it("opens a file in Monaco, edits and saves it, and the terminal sees it", async () => {
    await explorer()
      .getByRole("treeitem", { name: /index\.js/ })
      .dblclick();
    await expect.poll(() => textOf(lines()), { timeout: 30_000 }).toContain("module.exports");
    await lines().click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("// edited by hand\n");
    await page.keyboard.press("Control+s");
    await type("head -1 index.js");
    await expect.poll(() => textOf(screen()), { timeout: 20_000 }).toContain("// edited by hand");
    await picture(page, "main-job-1-edited");
  });

  it("lets Claude change it, with the edit allowed by a person, and shows the change at once", async () => {
    await page
      .getByRole("textbox", { name: "Message Claude" })
      .fill("[[script:improve]] Improve this project");
    await page.getByRole("button", { name: "Send" }).click();
    await claude().getByText("I will look at the code first.").waitFor();
    await claude().getByRole("button", { name: "Allow", exact: true }).click();
    await expect.poll(() => textOf(lines()), { timeout: 20_000 }).toContain("// edited by Claude");
    await claude()
      .getByText("+ // edited by Claude")
      .or(claude().getByText("// edited by Claude"))
      .first()
      .waitFor();
    await picture(page, "main-job-2-asked");
    await claude().getByRole("button", { name: "Allow", exact: true }).click();
    await claude().getByText("all tests pass").waitFor({ timeout: 90_000 });
    // What a command said is folded away when it went well.
    await claude().getByText("Run the project's tests").click();
    await expect.poll(() => textOf(claude())).toMatch(/# pass\s+\d+/);
    await picture(page, "main-job-3-done");
  });

  it("has everything in place after a reload", async () => {
    await page.reload();
    await claude().getByText("all tests pass").waitFor();
    await expect.poll(() => textOf(lines()), { timeout: 30_000 }).toContain("// edited by Claude");
    await expect.poll(() => textOf(screen()), { timeout: 20_000 }).toContain("// edited by hand");
  });

  it("stops, resumes, and still has the work and the chat", async () => {
    await page.getByRole("button", { name: /Actions for/ }).click();
    await page.getByRole("menuitem", { name: /Stop/ }).click();
    await page
      .getByRole("button", { name: /Resume/ })
      .first()
      .click();
    await claude().getByText("all tests pass").waitFor({ timeout: 60_000 });
    await expect.poll(() => textOf(lines()), { timeout: 30_000 }).toContain("// edited by Claude");
    await picture(page, "main-job-4-resumed");
    await terminal().getByRole("button", { name: "New terminal" }).first().click();
    await terminal().locator(".xterm-helper-textarea").first().waitFor({ state: "attached" });
    await type("head -1 index.js");
    await expect.poll(() => textOf(screen()), { timeout: 20_000 }).toContain("// edited by Claude");
  });

  it("is gone from disk when it is deleted", async () => {
    const places = join(product.dataDir, "places");
    expect(await readdir(places)).toHaveLength(1);
    await page.getByRole("button", { name: /Actions for/ }).click();
    await page.getByRole("menuitem", { name: /Delete/ }).click();
    await page
      .getByRole("alertdialog")
      .getByRole("button", { name: /Delete/ })
      .click();
    await page.getByText("Open your first session").waitFor();
    await expect.poll(() => readdir(places), { timeout: 30_000 }).toHaveLength(0);
  });

  it("left no error in the page's console", () => {
    expect(errors).toEqual([]);
  });
});
