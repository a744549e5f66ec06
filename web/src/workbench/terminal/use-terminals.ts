import { AppError, type Terminal } from "@remote-claude/protocol";
import { useCallback, useEffect, useRef, useState } from "react";
import { messageOf } from "../../lib/errors.ts";
import { useSession } from "../../lib/hooks.ts";
import { live } from "../../lib/live.ts";
import { newId } from "../../lib/new-id.ts";
import { toast } from "../../lib/toast.ts";
import { useWorkbench } from "../store.ts";
import { terminalIsThere } from "../terminal-first.ts";
import { takeEarlyTerminals } from "./early-list.ts";
import {
  applyTerminalChange,
  emptyTerminalList,
  type TerminalList,
  type TerminalListChange,
} from "./terminal-list.ts";

const firstSize = { cols: 100, rows: 24 };

/** What the panel shows and can do. */
export interface Terminals {
  list: TerminalList;
  /** Whether this person may type. */
  writable: boolean;
  /** An agent is there to ask. */
  reachable: boolean;
  create(): Promise<void>;
  close(terminalId: string): Promise<void>;
  rename(terminalId: string, title: string): Promise<void>;
  /** A new terminal in the place of one that has ended. */
  restart(terminalId: string): Promise<void>;
  activate(terminalId: string): void;
}

async function askTerminals(sessionId: string, epoch: number): Promise<readonly Terminal[]> {
  const early = takeEarlyTerminals(sessionId, epoch);
  if (early !== null) return early;
  return (await live.command("terminal.list", sessionId, {}, { offline: "fail" })).terminals;
}

/** Lists the terminals when an agent can be reached, and follows what happens to them. */
function useTerminalList(sessionId: string): [TerminalList, (change: TerminalListChange) => void] {
  const { agent, epoch } = useSession(sessionId);
  const [list, setList] = useState(emptyTerminalList);
  const change = useCallback(
    (next: TerminalListChange) => setList((before) => applyTerminalChange(before, next)),
    [],
  );
  const bootId = agent?.bootId ?? null;
  useEffect(() => {
    if (bootId === null) return;
    let current = true;
    const ends = [
      live.on("terminal.changed", sessionId, ({ terminal }) => change({ kind: "changed", terminal })),
      live.on("terminal.closed", sessionId, ({ terminalId }) => change({ kind: "closed", terminalId })),
    ];
    askTerminals(sessionId, epoch).then(
      (terminals) => current && change({ kind: "listed", bootId, terminals }),
      // Without a connection the next epoch asks again.
      (error: unknown) =>
        current &&
        error instanceof AppError &&
        !["unavailable", "agent_unreachable"].includes(error.code) &&
        toast.error(error.message),
    );
    return () => {
      current = false;
      for (const end of ends) end();
    };
  }, [sessionId, bootId, epoch, change]);
  return [list, change];
}

/** Opens a terminal when the panel comes into view and there is none. */
function useFirstTerminal(list: TerminalList, wanted: boolean, create: () => Promise<void>): void {
  const visible = useWorkbench((state) => state.visible.terminal);
  const opened = useRef(false);
  useEffect(() => {
    if (!visible) opened.current = false;
    if (!list.loaded) return;
    if (list.terminals.length === 0 && (!visible || !wanted || list.lost > 0)) terminalIsThere();
    if (!visible || !wanted || opened.current) return;
    opened.current = true;
    if (list.terminals.length === 0 && list.lost === 0) void create();
  }, [visible, wanted, list, create]);
}

/** Those of the session, live, with what one can do to them. */
export function useTerminals(sessionId: string): Terminals {
  const { session, agent } = useSession(sessionId);
  const [list, change] = useTerminalList(sessionId);
  const writable = session?.abilities.includes("session.use") ?? false;
  const activate = useCallback((terminalId: string) => change({ kind: "activated", terminalId }), [change]);

  const attempt = useCallback(async (act: () => Promise<unknown>) => {
    try {
      await act();
    } catch (error) {
      toast.error(messageOf(error));
    }
  }, []);
  const create = useCallback(
    () =>
      attempt(async () => {
        const wanted = { ...firstSize, terminalId: newId() };
        const { terminal } = await live.command("terminal.create", sessionId, wanted, { offline: "fail" });
        change({ kind: "changed", terminal });
        activate(terminal.terminalId);
      }),
    [sessionId, attempt, change, activate],
  );
  const close = useCallback(
    (terminalId: string) => attempt(() => live.command("terminal.close", sessionId, { terminalId })),
    [sessionId, attempt],
  );
  const rename = useCallback(
    (terminalId: string, title: string) =>
      attempt(() => live.command("terminal.rename", sessionId, { terminalId, title })),
    [sessionId, attempt],
  );
  const restart = useCallback(
    async (terminalId: string) => {
      await create();
      await close(terminalId);
    },
    [create, close],
  );
  useFirstTerminal(list, writable && agent !== null, create);
  return { list, writable, reachable: agent !== null, create, close, rename, restart, activate };
}
