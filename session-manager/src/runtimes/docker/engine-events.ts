import { createInterface, type Interface } from "node:readline";
import type { PlaceId } from "@remote-claude/protocol";
import type Docker from "dockerode";
import type { Logger } from "pino";
import { z } from "zod";
import { labels } from "./container-options.ts";

const retryMs = 1000;

const EngineEvent = z.object({
  Action: z.string(),
  Actor: z.object({ Attributes: z.record(z.string(), z.string()) }),
});

export interface EngineEventsOptions {
  readonly docker: Docker;
  readonly installation: string;
  /** Something happened to the container of this place. */
  readonly onPlace: (placeId: PlaceId) => void;
  /** Listening, for the first time or again: what happened before was not heard. */
  readonly onConnect: () => void;
  readonly log: Logger;
}

/** Follows what the engine says of session containers, through restarts of the engine. */
export class EngineEvents {
  readonly #options: EngineEventsOptions;
  #stream: (NodeJS.ReadableStream & { destroy?: () => void }) | null = null;
  #lines: Interface | null = null;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: EngineEventsOptions) {
    this.#options = options;
  }

  /** Resolves when what happens from now on is heard; rejects when the engine does not answer. */
  async open(): Promise<void> {
    const { docker, installation, log, onPlace } = this.#options;
    const stream: NodeJS.ReadableStream & { destroy?: () => void } = await docker.getEvents({
      filters: {
        type: ["container"],
        event: ["die", "destroy", "pause", "unpause"],
        label: [`${labels.installation}=${installation}`, `${labels.role}=session`],
      },
    });
    if (this.#closed) return stream.destroy?.();
    this.#stream = stream;
    stream.on("error", (error) => log.warn({ reason: error.message }, "the engine's events broke off"));
    stream.once("close", () => this.#again());
    this.#lines = createInterface({ input: stream });
    // It repeats the stream's own errors, and one that nobody hears would end this process with the engine.
    this.#lines.on("error", () => undefined);
    this.#lines.on("line", (line) => {
      const placeId = placeOf(line);
      if (placeId !== undefined) onPlace(placeId);
    });
  }

  #again(): void {
    if (this.#closed) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.open().then(
        () => this.#options.onConnect(),
        () => this.#again(),
      );
    }, retryMs);
    this.#retry.unref();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#lines?.close();
    this.#stream?.destroy?.();
  }
}

function placeOf(line: string): PlaceId | undefined {
  try {
    return EngineEvent.parse(JSON.parse(line)).Actor.Attributes[labels.place];
  } catch {
    return undefined;
  }
}
