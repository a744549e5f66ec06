import type { Browser } from "playwright-core";
import { launchBrowser } from "../e2e/testing/browser.ts";
import { serveBarePage } from "./floor/bare-page.ts";
import { startFloor } from "./floor/floor.ts";
import { type Kept, PlainBrowser } from "./lib/plain-browser.ts";
import type { Figure } from "./lib/report.ts";
import { rounds } from "./lib/rounds.ts";
import { openStage, type Stage, withSession } from "./lib/stage.ts";
import { median } from "./lib/statistics.ts";

const marker = "theLineToLookFor";
const file = Array.from(
  { length: 300 },
  (_, index) => `export const ${index === 0 ? marker : `value${index}`}: number = ${index};\n`,
).join("");

const looks = {
  editor: { selector: ".monaco-editor .view-lines", text: marker },
  prompt: { selector: ".xterm-rows, .xterm-accessibility-tree", text: "$" },
};

interface Load {
  /** Milliseconds since the navigation began. */
  readonly editor: number;
  readonly prompt: number;
  /** The later of the two. */
  readonly both: number;
  /** MB that had come over the wire when the editor showed the file. */
  readonly megabytes: number;
  readonly thread: number;
}

async function load(browser: PlainBrowser, url: string, kept: Kept | null): Promise<Load> {
  const { seen, thread } = await browser.visit(url, kept, looks);
  const [editor, prompt] = [seen.editor.at, seen.prompt.at];
  return { editor, prompt, both: Math.max(editor, prompt), megabytes: seen.editor.bytes / 1e6, thread };
}

/** What the browser keeps of somebody who has the file open: the cookie, and which tabs there are. */
async function openFileOnce(browser: Browser, stage: Stage, sessionId: string): Promise<Kept> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  await page.goto(stage.product.link);
  await page.getByRole("button", { name: "New session" }).first().waitFor();
  await page.goto(`${stage.product.url}/sessions/${sessionId}`);
  await page.getByRole("treeitem", { name: /file\.ts/ }).dblclick();
  await page.locator(looks.editor.selector).getByText(marker).waitFor();
  const kept = await context.storageState();
  await context.close();
  return kept;
}

/** A cold load of the workbench with one file and one terminal open. */
export async function run(): Promise<Figure[]> {
  // First: compressing it blocks this process for longer than the api keeps an unused connection.
  const bare = await serveBarePage(file);
  const stage = await openStage();
  const browser = await PlainBrowser.launch();
  const floor = await startFloor();
  try {
    return await withSession(stage, async ({ id }) => {
      await stage.client.fetch(`/api/sessions/${id}/files/file.ts`, {
        method: "PUT",
        headers: { "content-type": "application/octet-stream" },
        body: file,
      });
      const person = await launchBrowser();
      const kept = await openFileOnce(person, stage, id);
      await person.close();
      const ours = () => load(browser, `${stage.product.url}/sessions/${id}`, kept);
      // Each page has a shell of its own, which greets it.
      let number = 0;
      const theirs = () => {
        number += 1;
        return load(browser, `${bare.url}/?terminal=${encodeURIComponent(floor.url)}&number=${number}`, null);
      };
      await ours();
      await theirs();
      const results = await rounds(7, ours, theirs);
      const figure = (what: string, unit: string, key: keyof Load, budget: Figure["budget"]): Figure => ({
        what,
        unit,
        ours: median(results.ours.map((each) => each[key])),
        floor: median(results.floor.map((each) => each[key])),
        budget,
      });
      return [
        figure("IDE page cold, bytes until the editor is usable", "MB", "megabytes", {
          of: "value",
          bound: "at most",
          must: 2.5,
          aim: 1.6,
        }),
        figure("IDE page cold, editor usable", "ms", "editor", {
          of: "ratio",
          bound: "at most",
          must: 1.6,
          aim: 1.25,
        }),
        figure("IDE page cold, prompt usable", "ms", "prompt", {
          of: "ratio",
          bound: "at most",
          must: 1.6,
          aim: 1.25,
        }),
        figure("IDE page cold, both usable", "ms", "both", null),
        figure("… computed by its main thread until then", "ms", "thread", null),
      ];
    });
  } finally {
    bare.close();
    await floor.close();
    await browser.close();
    await stage.close();
  }
}
