import {
  AppError,
  ErrorBody,
  ManagerCapabilities,
  Place,
  PlaceEvent,
  type PlaceRequest,
} from "@remote-claude/protocol";
import type { Logger } from "pino";
import { Agent, type Dispatcher, request } from "undici";
import { z } from "zod";
import { requestIdHeaders } from "../lib/request-id-headers.ts";
import type { Manager, PlaceWatcher } from "./manager.ts";
import { dataOfEvents } from "./server-sent-events.ts";

interface Options {
  readonly url: string;
  readonly secret: string;
  readonly log: Logger;
}

interface Ask {
  readonly method: Dispatcher.HttpMethod;
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** A place that must be made first: an image may have to be unpacked. */
const slowMs = 180_000;
const reconnectMs = { first: 250, max: 10_000 };
const Places = z.object({ places: z.array(Place) });

/** The manager over its HTTP interface (protocol's places.ts). */
export function createHttpManager({ url, secret, log }: Options): Manager & { close(): Promise<void> } {
  const dispatcher = new Agent({ headersTimeout: slowMs, bodyTimeout: slowMs, connect: { timeout: 5000 } });
  const base = url.replace(/\/$/, "");
  const authorization = `Bearer ${secret}`;

  async function askText({ method, path, body, signal }: Ask): Promise<string> {
    let response: Dispatcher.ResponseData;
    let text: string;
    try {
      response = await request(`${base}${path}`, {
        dispatcher,
        method,
        headers: {
          authorization,
          ...requestIdHeaders(),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        ...(signal === undefined ? {} : { signal }),
      });
      text = await response.body.text();
    } catch (cause) {
      throw new AppError("unavailable", "The session manager does not answer.", { cause });
    }
    if (response.statusCode >= 400) throw refusal(response.statusCode, text);
    return text;
  }

  async function ask<T extends z.ZodType>(schema: T, what: Ask): Promise<z.output<T>> {
    const text = await askText(what);
    return schema.parse(text === "" ? undefined : JSON.parse(text));
  }

  const placePath = (placeId: string) => `/places/${encodeURIComponent(placeId)}`;

  return {
    ensure: (placeId, body: PlaceRequest, signal) =>
      ask(Place, { method: "PUT", path: placePath(placeId), body, signal }),
    stop: (placeId) => unlessGone(ask(Place, { method: "POST", path: `${placePath(placeId)}/stop` })),
    async pause(placeId) {
      await ask(Place, { method: "POST", path: `${placePath(placeId)}/pause` });
    },
    async resume(placeId) {
      await ask(Place, { method: "POST", path: `${placePath(placeId)}/resume` });
    },
    remove: (placeId) => unlessGone(ask(z.unknown(), { method: "DELETE", path: placePath(placeId) })),
    list: async () => (await ask(Places, { method: "GET", path: "/places" })).places,
    async find(placeId) {
      try {
        return await ask(Place, { method: "GET", path: placePath(placeId) });
      } catch (error) {
        if (error instanceof AppError && error.code === "not_found") return null;
        throw error;
      }
    },
    capabilities: () => ask(ManagerCapabilities, { method: "GET", path: "/capabilities" }),
    metrics: () => askText({ method: "GET", path: "/metrics", signal: AbortSignal.timeout(5000) }),
    async check() {
      await ask(z.unknown(), { method: "GET", path: "/health", signal: AbortSignal.timeout(3000) });
    },
    watch(watcher) {
      const controller = new AbortController();
      const open = () =>
        request(`${base}/events`, {
          dispatcher,
          headers: { authorization, accept: "text/event-stream" },
          bodyTimeout: 0,
          signal: controller.signal,
        });
      void follow(open, watcher, controller.signal, log);
      return () => controller.abort();
    },
    close: () => dispatcher.destroy(),
  };
}

async function unlessGone(asked: Promise<unknown>): Promise<void> {
  try {
    await asked;
  } catch (error) {
    if (!(error instanceof AppError && error.code === "not_found")) throw error;
  }
}

function refusal(status: number, text: string): AppError {
  try {
    return AppError.from(z.object({ error: ErrorBody }).parse(JSON.parse(text)).error);
  } catch {
    return new AppError("unavailable", `The session manager answered ${status}.`);
  }
}

/** Reads the stream of events for as long as wanted, opening it again whenever it ends. */
async function follow(
  open: () => Promise<Dispatcher.ResponseData>,
  watcher: PlaceWatcher,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  let delayMs = reconnectMs.first;
  while (!signal.aborted) {
    try {
      const response = await open();
      if (response.statusCode !== 200) throw new Error(`the session manager answered ${response.statusCode}`);
      delayMs = reconnectMs.first;
      watcher.onConnect();
      for await (const data of dataOfEvents(response.body))
        watcher.onPlace(PlaceEvent.parse(JSON.parse(data)).place);
    } catch (error) {
      if (!signal.aborted) log.debug({ err: error }, "the session manager's events broke off");
    }
    await pause(delayMs, signal);
    delayMs = Math.min(delayMs * 2, reconnectMs.max);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
