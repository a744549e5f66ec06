import { createHash, randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import {
  type AgentInfo,
  AppError,
  type CommandTo,
  type EventFrom,
  type Payload,
  type Reply,
  type TransferDone,
} from "@remote-claude/protocol";
import {
  type Agents,
  NotSent,
  type RequestOptions,
  type TransferRead,
  type WriteRequest,
} from "../agents/index.ts";

type Answer = (sessionId: string, payload: never) => unknown;

/** Agents in memory: attached is connected, unless a test says otherwise. */
export class FakeAgents implements Agents {
  readonly attached = new Map<string, string>();
  readonly written: { sessionId: string; request: WriteRequest; bytes: Buffer }[] = [];
  readonly commands: {
    sessionId: string;
    type: string;
    payload: unknown;
    options: RequestOptions | undefined;
  }[] = [];
  /** Files of every workspace, by path; what `write` takes is added. */
  readonly files = new Map<string, { content: string | Buffer; etag: string }>();
  /** Patches by `from..to`. */
  readonly patches = new Map<string, string>();
  /** Who is said to be gone. */
  readonly gone: { sessionId: string; client: string }[] = [];
  /** What works in every session on its own. */
  activity = { terminals: 0, commands: 0, transfers: 0 };
  unreachable = false;
  /** `write` and the answers wait for it. */
  gate: Promise<void> = Promise.resolve();
  writeFailure: AppError | null = null;
  readonly #answers = new Map<string, Answer>();
  readonly #listeners = new Map<string, Set<Answer>>();
  readonly #connection = new Set<(sessionId: string, agent: AgentInfo | null) => void>();
  readonly agent: AgentInfo = {
    bootId: randomUUID(),
    agentVersion: "fake",
    claudeVersion: null,
    gitAvailable: true,
    permissionModes: ["default"],
  };

  constructor() {
    this.answer("chat.partials", () => ({ partials: [] }));
    this.answer("recording.follow", () => ({ terminals: [] }));
    this.answer("workspace.activity", () => this.activity);
    this.answer("act.outcomes", (_, { ids }) => ({
      outcomes: ids.map((id) => ({ id, outcome: "failed" as const })),
    }));
  }

  /** Back to its best mood. */
  reset(): void {
    this.unreachable = false;
    this.activity = { terminals: 0, commands: 0, transfers: 0 };
    this.gate = Promise.resolve();
    this.writeFailure = null;
  }

  /** What the agents answer to a command. */
  answer<Type extends CommandTo<"agent">>(
    type: Type,
    answer: (sessionId: string, payload: Payload<Type>) => Reply<Type> | Promise<Reply<Type>>,
  ): void {
    this.#answers.set(type, answer as Answer);
  }

  attach(sessionId: string, placeId: string): void {
    if (this.attached.has(sessionId)) return;
    this.attached.set(sessionId, placeId);
  }

  release(sessionId: string): void {
    this.attached.delete(sessionId);
  }

  info(sessionId: string): AgentInfo | null {
    return this.attached.has(sessionId) && !this.unreachable ? this.agent : null;
  }

  async ready(sessionId: string): Promise<AgentInfo> {
    await this.gate;
    const info = this.info(sessionId);
    if (info === null) throw new NotSent("The session's agent did not come up in time.");
    return info;
  }

  async request<Type extends CommandTo<"agent">>(
    sessionId: string,
    type: Type,
    payload: Payload<Type>,
    options?: RequestOptions,
  ): Promise<Reply<Type>> {
    this.commands.push({ sessionId, type, payload, options });
    if (this.info(sessionId) === null) throw new NotSent("The agent is not connected.");
    await this.gate;
    const answer = this.#answers.get(type);
    return (await answer?.(sessionId, payload as never)) as Reply<Type>;
  }

  /** How many listen to that event. */
  listening(type: EventFrom<"agent">): number {
    return this.#listeners.get(type)?.size ?? 0;
  }

  /** An agent says something. */
  emit<Type extends EventFrom<"agent">>(
    type: Type,
    sessionId: string,
    payload: Payload<Type>,
    client?: string,
  ): void {
    for (const listener of this.#listeners.get(type) ?? []) {
      (listener as unknown as (...args: unknown[]) => void)(sessionId, payload, client);
    }
  }

  /** The connection to a session's agent comes up, or breaks. */
  connection(sessionId: string, up: boolean): void {
    for (const listener of this.#connection) listener(sessionId, up ? this.agent : null);
  }

  async read(
    _sessionId: string,
    { path, archive }: { path: string; archive?: boolean },
  ): Promise<TransferRead> {
    const file = this.files.get(path);
    if (archive) return this.#transfer(Buffer.from(`archive of ${path}`), null);
    if (file === undefined) throw new AppError("not_found", "There is no such file.");
    return this.#transfer(Buffer.from(file.content), file.etag);
  }

  async readPatch(_sessionId: string, { from, to }: { from: string; to: string }): Promise<TransferRead> {
    const patch = this.patches.get(`${from}..${to}`);
    if (patch === undefined) throw new AppError("not_found", "There is no such snapshot.");
    return this.#transfer(Buffer.from(patch), null);
  }

  #transfer(content: Buffer, etag: string | null): TransferRead {
    const body = Readable.from([content]);
    return {
      body,
      size: etag === null ? null : content.length,
      etag,
      modifiedAt: etag === null ? null : "2026-11-20T10:00:00.000Z",
      discard: () => body.destroy(),
    };
  }

  async write(sessionId: string, request: WriteRequest, body: Readable): Promise<TransferDone> {
    const bytes = await buffer(body);
    await this.gate;
    if (this.writeFailure !== null) throw this.writeFailure;
    if (bytes.length > request.maxBytes) throw new AppError("too_large", "That is too large.");
    const known = this.files.get(request.path);
    const wrongVersion = request.ifMatch !== undefined && request.ifMatch !== known?.etag;
    if (wrongVersion || (request.ifNoneMatch === "*" && known !== undefined)) {
      const details = known === undefined ? {} : { etag: known.etag };
      throw new AppError("precondition_failed", "The file is another version.", { details });
    }
    const etag = `"${createHash("sha256").update(bytes).digest("hex")}"`;
    this.files.set(request.path, { content: bytes, etag });
    this.written.push({ sessionId, request, bytes });
    return { size: bytes.length, created: known === undefined, etag };
  }

  clientGone(sessionId: string, client: string): void {
    this.gone.push({ sessionId, client });
  }

  onEvent<Type extends EventFrom<"agent">>(
    type: Type,
    listener: (sessionId: string, payload: Payload<Type>, client: string | undefined) => void,
  ): () => void {
    const known = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, known.add(listener as unknown as Answer));
    return () => known.delete(listener as unknown as Answer);
  }

  onConnectionChange(listener: (sessionId: string, agent: AgentInfo | null) => void): () => void {
    this.#connection.add(listener);
    return () => this.#connection.delete(listener);
  }

  close(): void {
    this.attached.clear();
  }
}
