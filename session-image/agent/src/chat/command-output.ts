import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import type { SDKMessage } from "@anthropic-ai/claude-agent-sdk";
import type { ChatDelta } from "@remote-claude/protocol";

type Place = Pick<ChatDelta, "conversationId" | "turnId">;

export interface CommandOutputOptions {
  readonly onDelta: (delta: ChatDelta) => void;
  /** Where Claude Code keeps the output of what runs: `claude-<uid>` lies in one of these. */
  readonly directories?: readonly string[];
  readonly everyMs?: number;
}

/** At most so many commands are followed at a time; the rest are shown when they end. */
const maxFollowed = 8;
/** More than that at once is a flood: its end is shown, and the rest when the command has ended. */
const maxBytesAtOnce = 16 * 1024;
/** A piece of output that grows beyond this is begun anew with its end. */
const maxLength = 32 * 1024;
const keptLength = 8 * 1024;

interface Followed {
  readonly taskId: string;
  readonly toolUseId: string;
  readonly session: string;
  readonly place: Place;
  fd: number | null;
  position: number;
  decoder: StringDecoder;
  /** Counts how often the text was begun anew. */
  block: number;
  text: string;
}

/**
 * What commands write while they run. Claude Code tells of it only when they have ended, but it has them write to a
 * file of their own (`<session>/tasks/<task>.output`), and says which task a command is once it has run for a while.
 * The files are the session's: they are read with care, and a little at a time.
 */
export class CommandOutput {
  readonly #options: CommandOutputOptions;
  readonly #followed = new Map<string, Followed>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CommandOutputOptions) {
    this.#options = options;
  }

  /** Hears when commands begin and end. */
  hear(message: SDKMessage, place: Place): void {
    if (message.type !== "system") return;
    if (message.subtype === "task_started" && message.task_type === "local_bash") this.#begin(message, place);
    else if (message.subtype === "task_notification") this.#end(message.task_id);
    else if (message.subtype === "task_updated" && isEnd(message.patch.status)) this.#end(message.task_id);
  }

  /** What is shown of each command that runs, from offset 0. */
  snapshot(): ChatDelta[] {
    return [...this.#followed.values()].flatMap((followed) =>
      followed.text === "" ? [] : [deltaOf(followed, 0, followed.text)],
    );
  }

  /** Claude Code is gone, and its commands with it. */
  stop(): void {
    for (const taskId of this.#followed.keys()) this.#forget(taskId);
  }

  #begin(message: Extract<SDKMessage, { subtype: "task_started" }>, place: Place): void {
    const { task_id: taskId, tool_use_id: toolUseId, session_id: session } = message;
    if (toolUseId === undefined || this.#followed.size >= maxFollowed || this.#followed.has(taskId)) return;
    if (![taskId, session].every((name) => /^[\w-]{1,100}$/.test(name))) return;
    const started = { fd: null, position: 0, decoder: new StringDecoder("utf8"), block: 0, text: "" };
    this.#followed.set(taskId, { taskId, toolUseId, session, place, ...started });
    this.#timer ??= setInterval(() => this.#readAll(), this.#options.everyMs ?? 300).unref();
    this.#readAll();
  }

  #end(taskId: string): void {
    const followed = this.#followed.get(taskId);
    if (followed === undefined) return;
    this.#read(followed);
    this.#forget(taskId);
  }

  #forget(taskId: string): void {
    const fd = this.#followed.get(taskId)?.fd ?? null;
    if (fd !== null) closeSync(fd);
    this.#followed.delete(taskId);
    if (this.#followed.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #readAll(): void {
    for (const followed of this.#followed.values()) this.#read(followed);
  }

  #read(followed: Followed): void {
    try {
      followed.fd ??= openOutput(this.#options.directories ?? ["/tmp", tmpdir()], followed);
      if (followed.fd === null) return;
      const { size } = fstatSync(followed.fd);
      if (size <= followed.position) return;
      if (size - followed.position > maxBytesAtOnce) {
        followed.position = size - keptLength;
        followed.decoder = new StringDecoder("utf8");
        this.#beginAnew(followed, "");
      }
      const buffer = Buffer.alloc(size - followed.position);
      const read = readSync(followed.fd, buffer, 0, buffer.length, followed.position);
      followed.position += read;
      this.#add(followed, followed.decoder.write(buffer.subarray(0, read)));
    } catch {
      // It can be looked at when it has ended.
      this.#forget(followed.taskId);
    }
  }

  #add(followed: Followed, text: string): void {
    if (text === "") return;
    if (followed.text.length + text.length > maxLength) {
      this.#beginAnew(followed, (followed.text + text).slice(-keptLength).toWellFormed());
    } else {
      const offset = followed.text.length;
      followed.text += text;
      this.#options.onDelta(deltaOf(followed, offset, text));
    }
  }

  #beginAnew(followed: Followed, text: string): void {
    followed.block += 1;
    followed.text = text;
    if (text !== "") this.#options.onDelta(deltaOf(followed, 0, text));
  }
}

const isEnd = (status: string | undefined) =>
  status === "completed" || status === "failed" || status === "killed";

/** null: it is not there yet. What is no plain file is not read: a pipe would never end. */
function openOutput(directories: readonly string[], { session, taskId }: Followed): number | null {
  const owns = directories.map((directory) => join(directory, `claude-${process.getuid?.() ?? 0}`));
  for (const project of owns.flatMap(foldersOf)) {
    const path = join(project, session, "tasks", `${taskId}.output`);
    try {
      const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      if (fstatSync(fd).isFile()) return fd;
      closeSync(fd);
    } catch {
      // Another project's, or not yet.
    }
  }
  return null;
}

function foldersOf(directory: string): string[] {
  try {
    return readdirSync(directory).map((name) => join(directory, name));
  } catch {
    return [];
  }
}

function deltaOf(followed: Followed, offset: number, text: string): ChatDelta {
  return {
    ...followed.place,
    messageId: followed.toolUseId,
    // The call is known by its id, wherever it stands.
    parentToolUseId: null,
    block: followed.block,
    blockType: "tool-output",
    toolName: null,
    offset,
    text,
  };
}
