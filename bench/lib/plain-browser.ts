import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { WebSocket } from "ws";
import { findChromium } from "../../e2e/testing/browser.ts";

const viewport = { width: 1440, height: 900 };
/** A browser is busy with its own window for a while. */
const settleMs = 1_500;
const lookEveryMs = 100;
const patienceMs = 60_000;

/** What a browser keeps of somebody who was there before, as Playwright writes it down. */
export interface Kept {
  readonly cookies: readonly object[];
  readonly origins: readonly { readonly localStorage: readonly { name: string; value: string }[] }[];
}

/** What to wait for: `text` somewhere at `selector`. */
export interface Look {
  readonly selector: string;
  readonly text: string;
}

export interface Visit<Name extends string> {
  /** When each look found what it looks for: milliseconds since the navigation began, and bytes that had come by then. */
  readonly seen: Record<Name, { readonly at: number; readonly bytes: number }>;
  /** Milliseconds that the main thread had computed when all were there; other programs do not change it. */
  readonly thread: number;
}

/**
 * In the page, before anything of it: what it keeps of earlier, and when each look finds what it looks for. The whole
 * function travels as text.
 */
function watchPage(kept: readonly { name: string; value: string }[], looks: readonly [string, Look][]): void {
  const world = globalThis as unknown as {
    localStorage: { setItem(name: string, value: string): void };
    document: { querySelectorAll(selector: string): Iterable<{ textContent: string }> };
    performance: { now(): number; getEntries(): Iterable<{ transferSize?: number }> };
    looked?: Record<string, { at: number; bytes: number }>;
  };
  for (const { name, value } of kept) world.localStorage.setItem(name, value);
  const seen: NonNullable<typeof world.looked> = {};
  const look = () => {
    for (const [name, { selector, text }] of looks) {
      const found = [...world.document.querySelectorAll(selector)].some((each) =>
        each.textContent.includes(text),
      );
      if (!found || seen[name] !== undefined) continue;
      const sizes = [...world.performance.getEntries()].map(({ transferSize = 0 }) => transferSize);
      seen[name] = { at: world.performance.now(), bytes: sizes.reduce((sum, size) => sum + size, 0) };
    }
    if (Object.keys(seen).length === looks.length) world.looked = seen;
    else setTimeout(look, 10);
  };
  look();
}

/** The browser's own protocol (chromedevtools.github.io/devtools-protocol), as far as it is needed here. */
class Connection {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  #count = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => {
      const { id, result, error } = JSON.parse(String(data));
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(error.message));
    });
    socket.on("close", () => {
      for (const waiting of this.#waiting.values()) waiting.reject(new Error("the browser is gone"));
    });
  }

  ask<Answer>(method: string, params: object = {}, sessionId?: string): Promise<Answer> {
    this.#count += 1;
    const waiting = Promise.withResolvers<Record<string, unknown>>();
    this.#waiting.set(this.#count, waiting);
    this.#socket.send(JSON.stringify({ id: this.#count, method, params, sessionId }));
    return waiting.promise as Promise<Answer>;
  }

  close(): void {
    this.#socket.close();
  }
}

async function addressOf(browser: ChildProcess): Promise<string> {
  if (browser.stderr === null) throw new Error("the browser has no output");
  for await (const line of createInterface(browser.stderr)) {
    const address = /ws:\/\/\S+/.exec(line)?.[0];
    if (address === undefined) continue;
    // What else it says goes nowhere; unread it would wait for a reader.
    browser.stderr.resume();
    return address;
  }
  throw new Error("the browser ended before it said where it listens");
}

/**
 * A headless browser as people have it, with nobody looking into its pages. Playwright turns on the inspector's
 * "Runtime", with which V8 finds out where each error was made: Monaco makes one while it is evaluated, and all of it is
 * then parsed once more, for 0.1 s that only somebody with developer tools open waits for.
 */
export class PlainBrowser {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #connection: Connection;

  private constructor(browser: ChildProcess, profile: string, connection: Connection) {
    this.#process = browser;
    this.#profile = profile;
    this.#connection = connection;
  }

  static async launch(): Promise<PlainBrowser> {
    const { executablePath, args } = await findChromium();
    const profile = await mkdtemp(join(tmpdir(), "bench-browser-"));
    const browser = spawn(
      executablePath,
      [
        ...args,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-extensions",
        "--no-first-run",
        "--hide-scrollbars",
        `--user-data-dir=${profile}`,
        "--remote-debugging-port=0",
        "about:blank",
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    const socket = new WebSocket(await addressOf(browser));
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    return new PlainBrowser(browser, profile, new Connection(socket));
  }

  /** Opens a page with an empty cache, of somebody of whom the browser has `kept` that, until all looks have found. */
  async visit<Name extends string>(
    url: string,
    kept: Kept | null,
    looks: Record<Name, Look>,
  ): Promise<Visit<Name>> {
    const ask: Connection["ask"] = (...asked) => this.#connection.ask(...asked);
    const { browserContextId } = await ask<{ browserContextId: string }>("Target.createBrowserContext");
    await ask("Storage.setCookies", { browserContextId, cookies: kept?.cookies ?? [] });
    const { targetId } = await ask<{ targetId: string }>("Target.createTarget", {
      url: "about:blank",
      browserContextId,
      ...viewport,
    });
    const { sessionId } = await ask<{ sessionId: string }>("Target.attachToTarget", {
      targetId,
      flatten: true,
    });
    const onPage = <Answer>(method: string, params?: object) => ask<Answer>(method, params, sessionId);
    await onPage("Page.enable");
    await onPage("Emulation.setDeviceMetricsOverride", { ...viewport, deviceScaleFactor: 1, mobile: false });
    await onPage("Performance.enable", { timeDomain: "threadTicks" });
    const given = [kept?.origins[0]?.localStorage ?? [], Object.entries(looks)];
    const source = `(${watchPage})(${given.map((each) => JSON.stringify(each)).join(", ")})`;
    await onPage("Page.addScriptToEvaluateOnNewDocument", { source });
    await delay(settleMs);
    await onPage("Page.navigate", { url });
    const deadline = Date.now() + patienceMs;
    for (;;) {
      await delay(lookEveryMs);
      const evaluated = await onPage<{ result: { value?: Visit<Name>["seen"] } }>("Runtime.evaluate", {
        expression: "globalThis.looked",
        returnByValue: true,
      });
      const seen = evaluated.result.value;
      if (seen !== undefined) {
        const { metrics } = await onPage<{ metrics: { name: string; value: number }[] }>(
          "Performance.getMetrics",
        );
        await ask("Target.disposeBrowserContext", { browserContextId });
        const thread = metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN;
        return { seen, thread: thread * 1000 };
      }
      if (Date.now() > deadline) throw new Error(`${url} did not come up`);
    }
  }

  async close(): Promise<void> {
    this.#connection.close();
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill();
    await ended;
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
