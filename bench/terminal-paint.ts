import { setTimeout as delay } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../e2e/testing/browser.ts";
import { serveBarePage } from "./floor/bare-page.ts";
import { startFloor } from "./floor/floor.ts";
import type { Figure } from "./lib/report.ts";
import { rounds } from "./lib/rounds.ts";
import { openStage, type Stage, withSession } from "./lib/stage.ts";
import { median, quantile } from "./lib/statistics.ts";

const keystrokes = 60;
const betweenMs = 60;
const patienceMs = 120_000;

/** What is used of the page's own world. */
interface PageWorld {
  document: { querySelector(selector: string): { textContent: string } | null };
  performance: { now(): number };
  painted: Promise<number>;
  addEventListener(
    type: "keydown",
    listener: (event: { timeStamp: number }) => void,
    options: { capture: true; once: true },
  ): void;
  MutationObserver: new (
    listener: () => void,
  ) => { observe(node: unknown, what: object): void; disconnect(): void };
  MessageChannel: new () => { port1: { onmessage: () => void }; port2: { postMessage(data: null): void } };
}

/**
 * In the page: `painted` becomes the milliseconds from the next key to the end of the frame in which the terminal shows
 * one `x` more. xterm.js draws in a frame's callback; a message sent from there arrives when that frame is through.
 */
function watchNextKey(): void {
  const world = globalThis as unknown as PageWorld;
  const rows = world.document.querySelector(".xterm-rows");
  const shown = () => rows?.textContent.split("x").length ?? 0;
  const before = shown();
  world.painted = new Promise((resolve) => {
    let pressedAt = 0;
    const note = ({ timeStamp }: { timeStamp: number }) => {
      pressedAt = timeStamp;
    };
    world.addEventListener("keydown", note, { capture: true, once: true });
    const observer = new world.MutationObserver(() => {
      if (shown() <= before) return;
      observer.disconnect();
      const { port1, port2 } = new world.MessageChannel();
      port1.onmessage = () => resolve(world.performance.now() - pressedAt);
      port2.postMessage(null);
    });
    observer.observe(rows, { childList: true, subtree: true, characterData: true });
  });
}

/** Milliseconds from each key to its paint, by the kernel's own echo. */
async function paints(page: Page): Promise<number[]> {
  const times: number[] = [];
  await page.bringToFront();
  await page.locator(".xterm-helper-textarea").first().focus();
  // A line of its own for each round: nothing wraps or scrolls in the middle of one.
  await page.keyboard.press("Enter");
  await delay(betweenMs);
  for (let key = 0; key < keystrokes; key += 1) {
    await page.evaluate(watchNextKey);
    await page.keyboard.press("x");
    times.push(await page.evaluate(() => (globalThis as unknown as PageWorld).painted));
    await delay(betweenMs);
  }
  return times;
}

/** A page whose terminal echoes what is typed and does nothing else. */
async function openTerminal(browser: Browser, ...urls: string[]): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(patienceMs);
  for (const url of urls) {
    await page.goto(url);
    await page.waitForLoadState("networkidle");
  }
  await page.locator(".xterm-helper-textarea").first().focus();
  await page.keyboard.type("clear; echo echo''ing; cat > /dev/null");
  await page.keyboard.press("Enter");
  await page.locator(".xterm-rows", { hasText: "echoing" }).first().waitFor();
  return page;
}

const openOurs = (browser: Browser, { product }: Stage, sessionId: string) =>
  openTerminal(browser, product.link, `${product.url}/sessions/${sessionId}`);

/** Keystroke → painted in the browser, the same browser for both pages. */
export async function run(): Promise<Figure[]> {
  const stage = await openStage();
  const browser = await launchBrowser();
  const floor = await startFloor();
  const bare = await serveBarePage("export {};\n");
  try {
    return await withSession(stage, async ({ id }) => {
      const ours = await openOurs(browser, stage, id);
      const address = `${bare.url}/?terminal=${encodeURIComponent(floor.url)}&number=1`;
      const theirs = await openTerminal(browser, address);
      await paints(ours);
      await paints(theirs);
      const results = await rounds(
        5,
        () => paints(ours),
        () => paints(theirs),
      );
      const figure = (what: string, q: number): Figure => ({
        what,
        unit: "ms",
        ours: median(results.ours.map((times) => quantile(times, q))),
        floor: median(results.floor.map((times) => quantile(times, q))),
        budget: null,
      });
      return [
        figure("keystroke → painted in the browser, p50 (floor: the bare page)", 0.5),
        figure("the same, p95", 0.95),
      ];
    });
  } finally {
    bare.close();
    await floor.close();
    await browser.close();
    await stage.close();
  }
}
