import type { Terminal } from "@remote-claude/protocol";

/** The terminals of a session as one page knows them. */
export interface TerminalList {
  /** false until the agent has said which there are. */
  loaded: boolean;
  bootId: string | null;
  terminals: readonly Terminal[];
  activeId: string | null;
  /** The agent has restarted and taken this many terminals with it. */
  lost: number;
}

export const emptyTerminalList: TerminalList = {
  loaded: false,
  bootId: null,
  terminals: [],
  activeId: null,
  lost: 0,
};

export type TerminalListChange =
  | { kind: "listed"; bootId: string; terminals: readonly Terminal[] }
  | { kind: "changed"; terminal: Terminal }
  | { kind: "closed"; terminalId: string }
  | { kind: "activated"; terminalId: string };

/** The list after a change. */
export function applyTerminalChange(list: TerminalList, change: TerminalListChange): TerminalList {
  switch (change.kind) {
    case "listed": {
      const restarted = list.bootId !== null && list.bootId !== change.bootId;
      const activeId = change.terminals.some(({ terminalId }) => terminalId === list.activeId)
        ? list.activeId
        : (change.terminals.at(-1)?.terminalId ?? null);
      const lost = change.terminals.length > 0 ? 0 : restarted ? list.terminals.length : list.lost;
      return { loaded: true, bootId: change.bootId, terminals: change.terminals, activeId, lost };
    }
    case "changed": {
      const { terminal } = change;
      const known = list.terminals.some(({ terminalId }) => terminalId === terminal.terminalId);
      if (!known) {
        return {
          ...list,
          terminals: [...list.terminals, terminal],
          activeId: list.activeId ?? terminal.terminalId,
          lost: 0,
        };
      }
      return {
        ...list,
        terminals: list.terminals.map((other) =>
          other.terminalId === terminal.terminalId ? terminal : other,
        ),
      };
    }
    case "closed": {
      const index = list.terminals.findIndex(({ terminalId }) => terminalId === change.terminalId);
      if (index < 0) return list;
      const terminals = list.terminals.filter((_, at) => at !== index);
      const neighbour = terminals[Math.min(index, terminals.length - 1)]?.terminalId ?? null;
      return {
        ...list,
        terminals,
        activeId: list.activeId === change.terminalId ? neighbour : list.activeId,
      };
    }
    case "activated":
      return { ...list, activeId: change.terminalId };
  }
}
