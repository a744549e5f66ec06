import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { launchBrowser } from "../e2e/testing/browser.ts";
import { serveBarePage } from "./floor/bare-page.ts";
import { startFloor } from "./floor/floor.ts";
import type { Figure } from "./lib/report.ts";
import { rounds } from "./lib/rounds.ts";
import { openStage, type Stage, withSession } from "./lib/stage.ts";
import { median } from "./lib/statistics.ts";

const settleMs = 1_500;
const marker = "theLineToLookFor";
const file = Array.from(
  { length: 300 },
  (_, index) => `export const ${index === 0 ? marker : `value${index}`}: number = ${index};\n`,
).join("");

interface Load {
  /** Milliseconds since the navigation began. */
  readonly editor: number;
  readonly prompt: number;
  /** The later of the two. */
  readonly both: number;
  /** MB that had come over the wire when the editor showed the file. */
  readonly megabytes: number;
  /** Milliseconds that the main thread had computed when both were there; other programs do not change it. */
  readonly thread: number;
}

/** What is used of the page's own world. */
interface PageWorld {
  document: { querySelectorAll(selector: string): Iterable<{ textContent: string }> };
  performance: { now(): number };
}

/** Milliseconds since the navigation until the page's text at `selector` contains `text`. */
async function shows(page: Page, selector: string, text: string): Promise<number> {
  const handle = await page.waitForFunction(
    ([where = "", what = ""]) => {
      const { document, performance } = globalThis as unknown as PageWorld;
      const found = [...document.querySelectorAll(where)].some(({ textContent }) =>
        textContent.includes(what),
      );
      return found && performance.now();
    },
    [selector, text],
    { polling: 10, timeout: 120_000 },
  );
  return (await handle.jsonValue()) as number;
}

async function load(context: BrowserContext, url: string): Promise<Load> {
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
  let bytes = 0;
  context.on("requestfinished", async (request) => {
    const sizes = await request.sizes().catch(() => null);
    if (sizes !== null) bytes += sizes.responseBodySize + sizes.responseHeadersSize;
  });
  // A browser is busy with its own window for a while.
  await delay(settleMs);
  await page.goto(url, { waitUntil: "commit" });
  const [editor, prompt] = await Promise.all([
    shows(page, ".monaco-editor .view-lines", marker).then((at) => ({ at, bytes })),
    shows(page, ".xterm-rows, .xterm-accessibility-tree", "$"),
  ]).catch(async (error: unknown) => {
    const picture = join(tmpdir(), "bench-page-load.png");
    await page.screenshot({ path: picture });
    throw new Error(`${url} did not come up; ${picture} shows how it stands`, { cause: error });
  });
  const { metrics } = await cdp.send("Performance.getMetrics");
  const thread = (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN) * 1000;
  await context.close();
  const both = Math.max(editor.at, prompt);
  return { editor: editor.at, prompt, both, megabytes: editor.bytes / 1e6, thread };
}

/** What the browser keeps of somebody who has the file open: the cookie, and which tabs there are. */
async function openFileOnce(browser: Browser, stage: Stage, sessionId: string) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  await page.goto(stage.product.link);
  await page.getByRole("button", { name: "New session" }).first().waitFor();
  await page.goto(`${stage.product.url}/sessions/${sessionId}`);
  await page.getByRole("treeitem", { name: /file\.ts/ }).dblclick();
  await shows(page, ".monaco-editor .view-lines", marker);
  const state = await context.storageState({ indexedDB: true });
  await context.close();
  return state;
}

/** A cold load of the workbench with one file and one terminal open. */
export async function run(): Promise<Figure[]> {
  // First: compressing it blocks this process for longer than the api keeps an unused connection.
  const bare = await serveBarePage(file);
  const stage = await openStage();
  const browser = await launchBrowser();
  const floor = await startFloor();
  try {
    return await withSession(stage, async ({ id }) => {
      await stage.client.fetch(`/api/sessions/${id}/files/file.ts`, {
        method: "PUT",
        headers: { "content-type": "application/octet-stream" },
        body: file,
      });
      const storageState = await openFileOnce(browser, stage, id);
      const viewport = { width: 1440, height: 900 };
      const ours = async () =>
        load(await browser.newContext({ viewport, storageState }), `${stage.product.url}/sessions/${id}`);
      // Each page has a shell of its own, which greets it.
      let number = 0;
      const theirs = async () => {
        number += 1;
        const url = `${bare.url}/?terminal=${encodeURIComponent(floor.url)}&number=${number}`;
        return load(await browser.newContext({ viewport }), url);
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
