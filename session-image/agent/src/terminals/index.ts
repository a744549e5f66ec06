import { accessSync, constants } from "node:fs";
import { AppError, type Handlers, type Payload } from "@remote-claude/protocol";
import type { AgentContext, AgentServices, Connection } from "../context.ts";
import { OutputQueue } from "./output-queue.ts";
import type { KnownMode } from "./recording.ts";
import { Terminal } from "./terminal.ts";

const maxTerminals = 32;
/** A closed terminal stays for so long to be recorded to its end, and so many of them. */
const recordedWithinMs = 120_000;
const maxClosed = 32;

type TerminalHandlers = Pick<
  Handlers<"agent", AgentContext>,
  | "terminal.create"
  | "terminal.list"
  | "terminal.attach"
  | "terminal.detach"
  | "terminal.input"
  | "terminal.resize"
  | "terminal.acknowledge"
  | "terminal.rename"
  | "terminal.close"
  | "recording.follow"
  | "recording.read"
  | "recording.stop"
>;

export interface TerminalsDeps extends AgentServices {
  /** The real directory a path of the workspace stands for; throws what refuses it. */
  resolveDirectory(path: string): Promise<string>;
}

/** The session's terminals: at most 32, listed until they are closed. */
export function createTerminals(deps: TerminalsDeps): {
  handlers: TerminalHandlers;
  /** In how many a program did something since this was last asked. */
  countBusy(): number;
  stop(): void;
} {
  const terminals = new Map<string, Terminal>();
  /** Those that are closed and not recorded to their end. */
  const closed = new Map<string, Terminal>();
  let recorded: KnownMode = null;
  const queues = new Map<Connection, OutputQueue>();
  let made = 0;

  function get(terminalId: string): Terminal {
    const terminal = terminals.get(terminalId);
    if (terminal === undefined) throw new AppError("not_found", "there is no such terminal");
    return terminal;
  }

  /** The connection's queue; its readers leave with it. */
  function ensureQueue(connection: Connection): OutputQueue {
    const known = queues.get(connection);
    if (known !== undefined) return known;
    const queue = new OutputQueue(connection);
    queues.set(connection, queue);
    connection.onClientGone((client) => {
      for (const terminal of terminals.values()) terminal.detach(client, connection);
    });
    connection.onClose(() => {
      queues.delete(connection);
      for (const terminal of terminals.values()) terminal.detachConnection(connection);
    });
    return queue;
  }

  function getRecorded(terminalId: string): Terminal {
    return closed.get(terminalId) ?? get(terminalId);
  }

  function keepUntilRecorded(terminal: Terminal): void {
    if (terminal.toRecord === null) return;
    closed.set(terminal.id, terminal);
    const [oldest] = closed.keys();
    if (closed.size > maxClosed && oldest !== undefined) closed.delete(oldest);
    forgetLater(terminal.id);
  }

  /** By its id alone: a timer that knew the terminal would keep its memory. */
  function forgetLater(terminalId: string): void {
    setTimeout(() => closed.delete(terminalId), recordedWithinMs).unref();
  }

  async function create({ cwd, cols, rows, terminalId }: Payload<"terminal.create">): Promise<Terminal> {
    const directory = await deps.resolveDirectory(cwd ?? "");
    if (terminalId !== undefined && (terminals.has(terminalId) || closed.has(terminalId)))
      throw new AppError("conflict", "there is such a terminal already");
    if (terminals.size >= maxTerminals)
      throw new AppError("conflict", `a session has at most ${maxTerminals} terminals`);
    made += 1;
    const terminal = new Terminal({
      ...shell(),
      cwd: directory,
      env: deps.environment,
      cols,
      rows,
      id: terminalId,
      recorded,
      title: `Terminal ${made}`,
      onChange: (changed) => deps.broadcast("terminal.changed", { terminal: changed }),
    });
    terminals.set(terminal.id, terminal);
    return terminal;
  }

  const handlers: TerminalHandlers = {
    "terminal.create": async (payload) => {
      const terminal = await create(payload);
      deps.broadcast("terminal.changed", { terminal: terminal.info });
      return { terminal: terminal.info };
    },
    "terminal.list": () => ({ terminals: [...terminals.values()].map(({ info }) => info) }),
    "terminal.attach": ({ terminalId, after }, context) => {
      if (!context.connection.open) throw new AppError("conflict", "the connection is closing");
      return get(terminalId).attach(after, context, ensureQueue(context.connection));
    },
    "terminal.detach": ({ terminalId }, { client, connection }) => {
      terminals.get(terminalId)?.detach(client, connection);
      return {};
    },
    "terminal.input": (payload) => {
      get(payload.terminalId).input(payload);
      return {};
    },
    "terminal.resize": ({ terminalId, cols, rows }) => {
      get(terminalId).resize(cols, rows);
      return {};
    },
    "terminal.acknowledge": ({ terminalId, offset }, context) => {
      get(terminalId).acknowledge(offset, context);
      return {};
    },
    "terminal.rename": ({ terminalId, title }) => {
      get(terminalId).rename(title);
      return {};
    },
    "terminal.close": ({ terminalId }) => {
      const terminal = get(terminalId);
      terminal.close();
      terminals.delete(terminalId);
      keepUntilRecorded(terminal);
      deps.broadcast("terminal.closed", { terminalId });
      return {};
    },
    "recording.follow": ({ mode }) => {
      recorded = mode;
      for (const terminal of terminals.values()) terminal.record(mode);
      const all = [...terminals.values(), ...closed.values()];
      return { terminals: all.flatMap(({ toRecord }) => toRecord ?? []) };
    },
    "recording.read": ({ terminalId, ...request }) => getRecorded(terminalId).readRecording(request),
    "recording.stop": ({ terminalId }) => {
      getRecorded(terminalId).stopRecording();
      closed.delete(terminalId);
      return {};
    },
  };
  return {
    handlers,
    // Each is asked, since each counts from when it was asked last.
    countBusy: () => [...terminals.values()].filter((terminal) => terminal.wasBusy()).length,
    stop: () => {
      for (const terminal of terminals.values()) terminal.kill();
      terminals.clear();
    },
  };
}

/**
 * An interactive shell, but no login shell: /etc/profile would put a PATH of its own in place of the session's.
 */
function shell(): { file: string; args: string[] } {
  for (const file of ["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash"]) {
    try {
      accessSync(file, constants.X_OK);
      return { file, args: ["-i"] };
    } catch {
      // Not here.
    }
  }
  return { file: "/bin/sh", args: ["-i"] };
}
