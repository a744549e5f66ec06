import { createHash, randomBytes } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { finished } from "node:stream";
import { AppError, errorTable, type Payload, type Reply, type TransferDone } from "@remote-claude/protocol";
import type { ActJournal } from "../acts/index.ts";
import type { Logger } from "../lib/log.ts";
import { toAppError } from "../lib/system-errors.ts";
import type { Patch, Snapshots } from "../workspace/snapshots.ts";
import { bytesOf, checkPrecondition, etagOf, writeContent } from "./content.ts";
import { openFile, type WorkspaceRoot } from "./workspace-root.ts";

const ticketLifeMs = 30_000;
const maxTickets = 256;

type Request = Payload<"file.open-transfer">;

interface Ticket {
  readonly method: "GET" | "PUT";
  /** Does the transfer; what it throws becomes the answer, if none has begun. */
  run(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Nobody came for it. */
  drop(): void;
  readonly timer: NodeJS.Timeout;
}

export interface TransferDeps {
  readonly root: WorkspaceRoot;
  readonly log: Logger;
  readonly snapshots: Pick<Snapshots, "patch">;
  readonly acts: Pick<ActJournal, "perform">;
  extract(
    path: string,
    content: AsyncIterable<Uint8Array>,
    maxBytes: number | undefined,
  ): Promise<TransferDone>;
}

/** Streams of bytes beside the frames, each allowed by a ticket that counts once and not for long. */
export class Transfers {
  readonly #deps: TransferDeps;
  readonly #tickets = new Map<string, Ticket>();
  #running = 0;

  constructor(deps: TransferDeps) {
    this.#deps = deps;
  }

  /** How many are under way. */
  get running(): number {
    return this.#running;
  }

  async open(request: Request): Promise<Reply<"file.open-transfer">> {
    if (this.#tickets.size >= maxTickets) throw new AppError("rate_limited", "too many transfers at once");
    switch (request.direction) {
      case "read":
        return this.#openRead(request.path);
      case "archive": {
        const directory = await this.#deps.root.resolveDirectory(request.path);
        return { ticket: this.#issue("GET", (_, response) => sendArchive(directory, response)) };
      }
      case "patch": {
        const { from = "", to = "" } = request.snapshots ?? {};
        const patch = this.#deps.snapshots.patch(from, to);
        return { ticket: this.#issue("GET", (_, response) => sendPatch(patch(), response)) };
      }
      case "write": {
        await checkPrecondition(this.#deps.root, request.path, request);
        const run = (content: AsyncIterable<Uint8Array>) =>
          this.#deps.acts.perform(request.act, () =>
            writeContent(this.#deps.root, request.path, content, request),
          );
        return { ticket: this.#issueUpload(request.maxBytes, run) };
      }
      case "extract": {
        const run = (content: AsyncIterable<Uint8Array>) =>
          this.#deps.extract(request.path, content, request.maxBytes);
        return { ticket: this.#issueUpload(request.maxBytes, run) };
      }
    }
  }

  /** Serves a request if it shows a valid ticket. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const name = /^\/transfers\/([A-Za-z0-9_-]{43})$/.exec(request.url ?? "")?.[1];
    const ticket = name === undefined ? undefined : this.#tickets.get(name);
    if (name === undefined || ticket === undefined || ticket.method !== request.method) return false;
    this.#tickets.delete(name);
    clearTimeout(ticket.timer);
    this.#running += 1;
    ticket
      .run(request, response)
      .catch((thrown: unknown) => this.#fail(thrown, request, response))
      .finally(() => {
        this.#running -= 1;
      });
    return true;
  }

  stop(): void {
    for (const ticket of this.#tickets.values()) {
      clearTimeout(ticket.timer);
      ticket.drop();
    }
    this.#tickets.clear();
  }

  #issue(method: Ticket["method"], run: Ticket["run"], drop: Ticket["drop"] = () => undefined): string {
    const name = randomBytes(32).toString("base64url");
    const timer = setTimeout(() => {
      this.#tickets.delete(name);
      drop();
    }, ticketLifeMs).unref();
    this.#tickets.set(name, { method, run, drop, timer });
    return name;
  }

  #issueUpload(
    maxBytes: number | undefined,
    run: (content: AsyncIterable<Uint8Array>) => Promise<TransferDone>,
  ): string {
    return this.#issue("PUT", async (request, response) => {
      const announced = Number(request.headers["content-length"] ?? 0);
      if (maxBytes !== undefined && announced > maxBytes)
        throw new AppError("too_large", `more than ${maxBytes} bytes`);
      // Whoever stops reading half way has an answer to give: the connection must stay for it.
      const body = JSON.stringify(await run(request.iterator({ destroyOnReturn: false })));
      response.writeHead(200, { "content-type": "application/json" }).end(body);
    });
  }

  async #openRead(path: string): Promise<Reply<"file.open-transfer">> {
    const handle = await this.#deps.root.withTarget(path, ({ directory, name }) =>
      openFile(directory.at(name)),
    );
    try {
      const etag = await etagOf(handle);
      const { size, mtime } = await handle.stat();
      const run: Ticket["run"] = async (_, response) => {
        await sendFile(handle, size, etag, response).finally(() => handle.close());
      };
      const drop = () => void handle.close();
      return { ticket: this.#issue("GET", run, drop), size, etag, modifiedAt: mtime.toISOString() };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  #fail(thrown: unknown, request: IncomingMessage, response: ServerResponse): void {
    const error = toAppError(thrown);
    const refusal = error instanceof AppError ? error : null;
    if (request.readableAborted || response.destroyed) this.#deps.log.debug("transfer broken off");
    else if (refusal === null) this.#deps.log.error({ err: error }, "transfer failed");
    // Too late for an answer: the broken stream is the answer.
    if (response.headersSent) return void response.destroy();
    answer(request, response, refusal ?? new AppError("internal", "the session's agent failed"));
  }
}

/**
 * The sender may still be at it: what it sends is read away until it has seen the answer. Closing sooner would break its
 * pipe, and the answer would be lost with it.
 */
function answer(request: IncomingMessage, response: ServerResponse, error: AppError): void {
  const body = JSON.stringify({ error: error.toBody() });
  response.writeHead(errorTable[error.code].http, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    connection: "close",
  });
  response.write(body);
  finished(request, () => response.end());
  request.resume();
}

/**
 * Sends exactly what the ETag names: its last bytes are held back until all have been hashed, so that a file which
 * changed on the way ends as a broken stream and never as a wrong file.
 */
async function sendFile(
  handle: FileHandle,
  size: number,
  etag: string,
  response: ServerResponse,
): Promise<void> {
  response.writeHead(200, {
    "content-type": "application/octet-stream",
    "content-length": size,
    etag,
  });
  const hash = createHash("sha256");
  let held: Buffer | null = null;
  let sent = 0;
  for await (const chunk of bytesOf(handle)) {
    hash.update(chunk);
    if (held !== null) await write(response, held);
    held = chunk;
    sent += chunk.length;
    if (sent > size) break;
  }
  if (sent !== size || `"${hash.digest("hex")}"` !== etag) return void response.destroy();
  if (held !== null) await write(response, held);
  response.end();
}

async function sendPatch(patch: Patch, response: ServerResponse): Promise<void> {
  try {
    for await (const chunk of patch.stdout) {
      if (!response.headersSent) response.writeHead(200, { "content-type": "text/x-patch" });
      await write(response, chunk);
    }
    await patch.done;
    if (!response.headersSent) response.writeHead(200, { "content-type": "text/x-patch" });
    response.end();
  } finally {
    patch.stop();
  }
}

async function sendArchive(directory: string, response: ServerResponse): Promise<void> {
  const { create } = await import("tar");
  // Sockets, pipes and devices have no place in an archive; links stay links.
  const stream = create(
    {
      cwd: directory,
      gzip: { level: 6 },
      portable: true,
      preservePaths: false,
      filter: (_, stat) =>
        !("isSocket" in stat) ||
        !(stat.isSocket() || stat.isFIFO() || stat.isBlockDevice() || stat.isCharacterDevice()),
    },
    ["."],
  );
  response.writeHead(200, { "content-type": "application/gzip" });
  for await (const chunk of stream as unknown as AsyncIterable<Buffer>) await write(response, chunk);
  response.end();
}

/** Waits while the receiver is slower; throws when it is gone. */
async function write(response: ServerResponse, chunk: Buffer): Promise<void> {
  if (response.destroyed) throw new AppError("unavailable", "the receiver is gone");
  if (response.write(chunk)) return;
  await new Promise<void>((resolve, reject) => {
    const done = () => {
      response.off("drain", done);
      response.off("close", closed);
      resolve();
    };
    const closed = () => {
      response.off("drain", done);
      reject(new AppError("unavailable", "the receiver is gone"));
    };
    response.once("drain", done);
    response.once("close", closed);
  });
}
