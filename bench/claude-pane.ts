import { setTimeout as delay } from "node:timers/promises";
import type { Session } from "@remote-claude/protocol";
import type { Browser, CDPSession, Locator, Page } from "playwright-core";
import { launchBrowser } from "../e2e/testing/browser.ts";
import type { Live } from "../e2e/testing/client.ts";
import { writeConversation } from "../e2e/testing/long-conversation.ts";

import type { Figure } from "./lib/report.ts";
import { openStage, type Stage, withSession } from "./lib/stage.ts";
import { median } from "./lib/statistics.ts";

const events = 10_000;
const openings = 5;
const pagesUp = 30;
/** Scripts of the model, each of 12,000 pieces at 200 a second. */
const streams = { "many-deltas": "plain words", "many-markdown-deltas": "Markdown" } as const;

interface PageWorld {
  longTasks: number[];
  performance: { now(): number };
  PerformanceObserver: new (
    act: (list: { getEntries(): { duration: number }[] }) => void,
  ) => { observe(options: object): void };
}

/** Notes every task of over 50 ms from here on. */
function noteLongTasks(page: Page): Promise<void> {
  return page.evaluate(() => {
    const world = globalThis as unknown as PageWorld;
    world.longTasks = [];
    new world.PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) world.longTasks.push(duration);
    }).observe({ type: "longtask" });
  });
}

const longTasks = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as PageWorld).longTasks.splice(0));

/** What the browser keeps of somebody who is signed in: the printed link works once. */
async function signIn(browser: Browser, { product }: Stage) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  await page.goto(product.link);
  await page.getByRole("button", { name: "New session" }).first().waitFor();
  const state = await context.storageState();
  await context.close();
  return state;
}

type SignedIn = Awaited<ReturnType<typeof signIn>>;

async function openPane(browser: Browser, stage: Stage, storageState: SignedIn, session: Session) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, storageState });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  await page.goto(`${stage.product.url}/sessions/${session.id}`);
  await page.getByRole("textbox", { name: "Message Claude" }).waitFor();
  const cdp = await context.newCDPSession(page);
  await cdp.send("Performance.enable");
  return { page, cdp };
}

/** MB of the page's JavaScript heap, without what could be let go of. */
async function heapMb(cdp: CDPSession): Promise<number> {
  await cdp.send("HeapProfiler.collectGarbage");
  const { metrics } = await cdp.send("Performance.getMetrics");
  return (metrics.find(({ name }) => name === "JSHeapUsedSize")?.value ?? Number.NaN) / 1e6;
}

const elementsIn = (log: Locator) => log.locator("*").count();

/** Milliseconds from the click that chooses a conversation to its last answer on the screen. */
async function choose(page: Page, title: string, shows: string): Promise<number> {
  await page.getByRole("button", { name: /^Conversation:/ }).click();
  const item = page.getByRole("menuitem", { name: title });
  await item.waitFor();
  const startedAt = await page.evaluate(() => performance.now());
  await item.click();
  const shown = await page.waitForFunction(
    ([what = ""]) => {
      const { document, performance } = globalThis as unknown as PageWorld & {
        document: { querySelector(selector: string): { textContent: string } | null };
      };
      return (document.querySelector("[role=log]")?.textContent ?? "").includes(what) && performance.now();
    },
    [shows],
    { polling: 10 },
  );
  return ((await shown.jsonValue()) as number) - startedAt;
}

async function longConversation(browser: Browser, stage: Stage, signedIn: SignedIn): Promise<Figure[]> {
  return withSession(stage, async (session) => {
    await writeConversation(stage.product, session, "Long talk", events);
    await writeConversation(stage.product, session, "Short talk", 16);
    const { page, cdp } = await openPane(browser, stage, signedIn, session);
    const log = page.getByRole("log", { name: "Conversation" });
    const last = `Step ${events / 8}`;
    const times: { long: number[]; short: number[] } = { long: [], short: [] };
    for (let round = 0; round < openings; round += 1) {
      await page.reload();
      await page.getByRole("textbox", { name: "Message Claude" }).waitFor();
      await choose(page, "Short talk", "Step 2");
      times.long.push(await choose(page, "Long talk", last));
      await page.reload();
      await page.getByRole("textbox", { name: "Message Claude" }).waitFor();
      times.short.push(await choose(page, "Short talk", "Step 2"));
    }
    await choose(page, "Long talk", last);
    const atEnd = { heap: await heapMb(cdp), elements: await elementsIn(log) };
    await noteLongTasks(page);
    await log.hover();
    for (let up = 0; up < pagesUp; up += 1) {
      await page.mouse.wheel(0, -3000);
      await page.waitForTimeout(100);
    }
    const tasks = await longTasks(page);
    const above = { heap: await heapMb(cdp), elements: await elementsIn(log) };
    await page.context().close();
    const row = (what: string, unit: string, ours: number, floor: number | null = null): Figure => ({
      what,
      unit,
      ours,
      floor,
      budget: null,
    });
    return [
      {
        ...row("conversation of 10,000 events, to its end (floor: of 16)", "ms", median(times.long)),
        floor: median(times.short),
        budget: { of: "value", bound: "at most", must: 1000 },
      },
      row("… JS heap of the page after it", "MB", atEnd.heap),
      row("… elements in the timeline", "", atEnd.elements),
      row(`… after ${pagesUp} screens up: JS heap (floor: before)`, "MB", above.heap, atEnd.heap),
      row("… elements in the timeline (floor: before)", "", above.elements, atEnd.elements),
      row("… longest task meanwhile", "ms", Math.max(0, ...tasks)),
    ];
  });
}

/** Counts the characters of text that come in pieces without a hole, on a connection of its own. */
function countPieces(live: Live): { received: number; end: Promise<void> } {
  const counted = { received: 0, end: Promise.resolve() };
  live.on("chat.delta", ({ offset, text, blockType }) => {
    if (blockType === "text" && offset === counted.received) counted.received += text.length;
  });
  counted.end = new Promise((resolve) =>
    live.on("chat.entry", ({ event }) => {
      if (event.kind === "turn-ended" || event.kind === "turn-failed") resolve();
    }),
  );
  return counted;
}

/** The session's first conversation, once there is one. */
async function conversationOf({ client }: Stage, session: Session): Promise<string> {
  for (;;) {
    const { conversations } = await client.call<{ conversations: { conversationId: string }[] }>(
      "GET",
      `/api/sessions/${session.id}/claude/conversations`,
    );
    const [first] = conversations;
    if (first !== undefined) return first.conversationId;
    await delay(50);
  }
}

async function deltas(
  browser: Browser,
  stage: Stage,
  signedIn: SignedIn,
  script: keyof typeof streams,
): Promise<Figure[]> {
  return withSession(stage, async (session, live) => {
    const { page } = await openPane(browser, stage, signedIn, session);
    await page.getByRole("textbox", { name: "Message Claude" }).fill(`[[script:${script}]] go`);
    await page.getByRole("button", { name: "Send" }).click();
    const id = await conversationOf(stage, session);
    const counted = countPieces(live);
    const { partials } = await live.command("chat.subscribe", session.id, {
      conversationId: id,
      after: null,
    });
    counted.received += partials.reduce((sum, { text }) => sum + text.length, 0);
    await page.locator("[role=log] .claude-prose").waitFor();
    await noteLongTasks(page);
    await counted.end;
    await page.getByRole("button", { name: "Send" }).waitFor();
    const tasks = await longTasks(page);
    const [whole] = (
      await live.command("chat.history", session.id, { conversationId: id, before: 1e6, limit: 20 })
    ).entries.flatMap(({ event }) =>
      event.kind === "sdk" && event.message.type === "assistant" ? [JSON.stringify(event.message)] : [],
    );
    const length = textLength(whole ?? "{}");
    await page.context().close();
    return [
      {
        what: `deltas at 200/s for a minute, ${streams[script]}: characters lost`,
        unit: "",
        ours: length - counted.received,
        floor: null,
        budget: { of: "value", bound: "at most", must: 0 },
      },
      {
        what: "… tasks over 50 ms in the page",
        unit: "",
        ours: tasks.length,
        floor: null,
        budget: { of: "value", bound: "at most", must: 0 },
      },
      {
        what: "… the longest of them",
        unit: "ms",
        ours: Math.max(0, ...tasks),
        floor: null,
        budget: null,
      },
    ];
  });
}

function textLength(message: string): number {
  const { message: inner } = JSON.parse(message) as { message?: { content?: { text?: string }[] } };
  return inner?.content?.reduce((sum, { text }) => sum + (text?.length ?? 0), 0) ?? 0;
}

/** Claude's pane at scale: a long conversation, and an answer that comes as fast as a model writes. */
export async function run(): Promise<Figure[]> {
  const stage = await openStage();
  const browser = await launchBrowser();
  try {
    const signedIn = await signIn(browser, stage);
    const figures = await longConversation(browser, stage, signedIn);
    for (const script of Object.keys(streams) as (keyof typeof streams)[]) {
      figures.push(...(await deltas(browser, stage, signedIn, script)));
    }
    return figures;
  } finally {
    await browser.close();
    await stage.close();
  }
}
