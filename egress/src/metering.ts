import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import { createParser } from "eventsource-parser";
import { z } from "zod";
import { costUsd, type Usage } from "./prices.ts";

const Count = z.int().nonnegative().max(2_000_000_000).nullish().catch(null);

const UsageFields = z
  .object({
    input_tokens: Count,
    output_tokens: Count,
    cache_read_input_tokens: Count,
    cache_creation_input_tokens: Count,
    cache_creation: z.object({ ephemeral_1h_input_tokens: Count }).nullish().catch(null),
    server_tool_use: z.object({ web_search_requests: Count }).nullish().catch(null),
    speed: z.string().nullish().catch(null),
    inference_geo: z.string().nullish().catch(null),
  })
  .nullish()
  .catch(null);
type UsageFields = z.infer<typeof UsageFields>;

const Message = z.object({ model: z.string().max(200).nullish().catch(null), usage: UsageFields });
const MessageStart = z.object({ message: Message });
const MessageDelta = z.object({ usage: UsageFields });
const BlockDelta = z.object({
  delta: z.object({
    text: z.string().optional().catch(undefined),
    thinking: z.string().optional().catch(undefined),
    partial_json: z.string().optional().catch(undefined),
  }),
});

/** What one answer of the model cost. */
export interface Metered {
  /** null: the answer does not name it. */
  readonly model: string | null;
  readonly usage: Usage;
  readonly costUsd: number;
  /** The model is in the price table itself, not only its family. */
  readonly priceExact: boolean;
  /** The answer ended early: its output was counted by its length. */
  readonly estimated: boolean;
}

export interface Meter {
  /** Takes a piece of the body, as it is on the wire. Never throws. */
  take(chunk: Buffer): void;
  /** The sum, once the answer ended in whatever way. `requestedModel` prices an answer that names none. */
  finish(requestedModel: string | null): Promise<Metered>;
}

/** A JSON answer above this, or a compressed one that we lag behind so far with, is not read further. */
const maxBufferedBytes = 16 * 1024 * 1024;

/** Reads tokens and model out of a copy of an answer's body: server-sent events or JSON. */
export function createMeter(contentType: string, contentEncoding: string): Meter {
  const tally = createTally();
  const reader = contentType.includes("text/event-stream") ? eventReader(tally) : jsonReader(tally);
  const decoder = createDecoder(contentEncoding, reader.take);
  let broken = false;
  const guarded = (act: () => void) => {
    if (broken) return;
    try {
      act();
    } catch {
      broken = true;
    }
  };
  return {
    take: (chunk) => guarded(() => decoder.take(chunk)),
    async finish(requestedModel) {
      await decoder.end();
      guarded(reader.end);
      return tally.sum(requestedModel);
    },
  };
}

interface Tally {
  start(message: z.infer<typeof Message>): void;
  update(usage: UsageFields): void;
  /** Characters that were generated since. */
  generated(characters: number): void;
  close(): void;
  sum(requestedModel: string | null): Metered;
}

/** Rough, for answers that end before they say how long they were. */
const charactersPerToken = 4;

function createTally(): Tally {
  let model: string | null = null;
  let fields: NonNullable<UsageFields> = {};
  let characters = 0;
  let closed = false;
  const update = (usage: UsageFields) => {
    // Later counts are sums, not additions; a field that is left out stays what it was.
    const said = Object.entries(usage ?? {}).filter(([, value]) => value !== null && value !== undefined);
    fields = { ...fields, ...Object.fromEntries(said) };
  };
  return {
    start(message) {
      model = message.model ?? model;
      update(message.usage);
    },
    update,
    generated(count) {
      characters += count;
    },
    close() {
      closed = true;
    },
    sum(requestedModel) {
      const estimate = Math.ceil(characters / charactersPerToken);
      const said = fields.output_tokens ?? 0;
      const estimated = !closed && estimate > said;
      const usage: Usage = {
        inputTokens: fields.input_tokens ?? 0,
        outputTokens: estimated ? estimate : said,
        cacheReadTokens: fields.cache_read_input_tokens ?? 0,
        cacheWriteTokens: fields.cache_creation_input_tokens ?? 0,
        cacheWrite1hTokens: fields.cache_creation?.ephemeral_1h_input_tokens ?? 0,
        webSearches: fields.server_tool_use?.web_search_requests ?? 0,
        fast: fields.speed === "fast",
        usOnly: fields.inference_geo === "us",
      };
      const { usd, exact } = costUsd(model ?? requestedModel ?? "", usage);
      return { model, usage, costUsd: usd, priceExact: exact, estimated };
    },
  };
}

interface BodyReader {
  take(chunk: Buffer): void;
  end(): void;
}

function eventReader(tally: Tally): BodyReader {
  const decoder = new TextDecoder();
  const parser = createParser({
    maxBufferSize: maxBufferedBytes,
    onEvent({ event, data }) {
      if (event === "message_start") tally.start(MessageStart.parse(JSON.parse(data)).message);
      else if (event === "message_delta") {
        tally.update(MessageDelta.parse(JSON.parse(data)).usage);
        tally.close();
      } else if (event === "content_block_delta") {
        const { delta } = BlockDelta.parse(JSON.parse(data));
        tally.generated((delta.text ?? delta.thinking ?? delta.partial_json ?? "").length);
      }
    },
  });
  return {
    take: (chunk) => parser.feed(decoder.decode(chunk, { stream: true })),
    end: () => undefined,
  };
}

function jsonReader(tally: Tally): BodyReader {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    take(chunk) {
      size += chunk.length;
      if (size > maxBufferedBytes) throw new RangeError("the answer is too long to be read");
      chunks.push(chunk);
    },
    end() {
      const answer = Message.safeParse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
      if (answer.success) tally.start(answer.data);
      tally.close();
    },
  };
}

interface Decoder {
  take(chunk: Buffer): void;
  /** Resolves when everything taken was decoded, or could not be. */
  end(): Promise<void>;
}

const decompressors: Record<string, () => ReturnType<typeof createGunzip>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress as () => ReturnType<typeof createGunzip>,
  zstd: createZstdDecompress as () => ReturnType<typeof createGunzip>,
};

/** We ask for no compression; an endpoint that compresses all the same is read from a copy. */
function createDecoder(encoding: string, take: (chunk: Buffer) => void): Decoder {
  const create = decompressors[encoding.trim().toLowerCase()];
  if (create === undefined) return { take, end: async () => undefined };
  const stream = create();
  const ended = new Promise<void>((resolve) => stream.once("close", resolve));
  stream.on("data", (chunk: Buffer) => {
    try {
      take(chunk);
    } catch {
      stream.destroy();
    }
  });
  // Cut in the middle, most likely: what came is counted.
  stream.on("error", () => undefined);
  return {
    take(chunk) {
      if (stream.destroyed) return;
      stream.write(chunk);
      if (stream.writableLength > maxBufferedBytes) stream.destroy();
    },
    end() {
      stream.end();
      return ended;
    },
  };
}
