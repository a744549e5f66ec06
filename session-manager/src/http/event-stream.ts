import type { PlaceEvent } from "@remote-claude/protocol";
import type { RequestHandler } from "express";
import type { Places } from "../places.ts";

const heartbeatMs = 15_000;
/** A reader this far behind is dropped: it connects again and gets the current state. */
const maxUnsentBytes = 1024 * 1024;

/** Server-sent events: the state of every place, then each change of it. */
export function streamEvents(places: Places): RequestHandler {
  return async (_request, response) => {
    response.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    response.flushHeaders();
    const write = (text: string) => {
      if (response.writableLength > maxUnsentBytes) response.destroy();
      else response.write(text);
    };
    const heartbeat = setInterval(() => write(": still here\n\n"), heartbeatMs);
    let unsubscribe: (() => void) | undefined;
    response.on("close", () => {
      clearInterval(heartbeat);
      unsubscribe?.();
    });
    unsubscribe = await places.watch((place) => {
      const event: PlaceEvent = { place };
      write(`data: ${JSON.stringify(event)}\n\n`);
    });
    if (response.closed) unsubscribe();
  };
}
