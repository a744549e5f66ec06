import { create } from "zustand";

/** The panes of the workbench; on a phone one of them is shown at a time. */
export const panes = ["explorer", "editor", "terminal", "claude"] as const;
export type Pane = (typeof panes)[number];

/** Someone asked for a file; the editor takes it with `takeOpenRequests`. */
export interface OpenRequest {
  path: string;
  /** Counted from 1. */
  line?: number;
  column?: number;
  /** Select up to the end of this line. */
  endLine?: number;
  /** A click in the explorer: the tab is replaced by the next one unless it is edited or pinned. */
  preview?: boolean;
}

/** What is selected in the active editor; lines count from 1, the last one included. */
export interface EditorSelection {
  path: string;
  startLine: number;
  endLine: number;
  text: string;
}

/** Where the cursor stands, for the status bar. `selected` counts characters. */
export interface CursorPosition {
  line: number;
  column: number;
  selected: number;
}

/** How the active file is written, in words: "Spaces: 2", "LF", "TypeScript". */
export interface TextFormat {
  indentation: string;
  lineEnd: string;
  language: string;
}

interface WorkbenchState {
  /** The file in front, or null. Set by the editor. */
  activeFile: string | null;
  openRequests: readonly OpenRequest[];
  selection: EditorSelection | null;
  cursor: CursorPosition | null;
  format: TextFormat | null;
  /** The branch that the status bar shows. Set by the explorer, which asks for it. */
  branch: string | null;
  /** Something differs from the last commit. Set by the explorer. */
  changed: boolean;
  /** The conversation that the Claude pane shows. Set by it. */
  conversation: string | null;
  /** Somebody wants to see what Claude waits for an answer to; the Claude pane leads there. */
  questionWanted: boolean;
  /** Paths with unsaved edits. */
  dirtyFiles: readonly string[];
  visible: Readonly<Record<Pane, boolean>>;
  /** The pane a phone shows, and the one that had the focus last. */
  activePane: Pane;
}

const initial: WorkbenchState = {
  activeFile: null,
  openRequests: [],
  selection: null,
  cursor: null,
  format: null,
  branch: null,
  changed: false,
  conversation: null,
  questionWanted: false,
  dirtyFiles: [],
  visible: { explorer: true, editor: true, terminal: true, claude: true },
  activePane: "editor",
};

/** What the panes of one workbench share. A pane sets what is its own and reads the rest. */
export const useWorkbench = create<WorkbenchState>(() => initial);

/** Forgets everything; when another session's workbench opens. */
export function resetWorkbench(): void {
  useWorkbench.setState(initial, true);
}

/** Opens a file in the editor and brings the editor to the front. */
export function openFile(path: string, at: Omit<OpenRequest, "path"> = {}): void {
  useWorkbench.setState(({ openRequests, visible }) => ({
    openRequests: [...openRequests, { path, ...at }],
    visible: { ...visible, editor: true },
    activePane: "editor",
  }));
}

/** For the editor: what was asked for since the last time, oldest first. */
export function takeOpenRequests(): readonly OpenRequest[] {
  const { openRequests } = useWorkbench.getState();
  if (openRequests.length > 0) useWorkbench.setState({ openRequests: [] });
  return openRequests;
}

/** The selection in the active editor, or null; for "ask Claude about this". */
export function getSelection(): EditorSelection | null {
  return useWorkbench.getState().selection;
}

export function setPaneVisible(pane: Pane, shown: boolean): void {
  useWorkbench.setState(({ visible }) => ({ visible: { ...visible, [pane]: shown } }));
}

/** How the keyboard focus gets into a pane, for each the newest way last. */
const focusers = new Map<Pane, (() => void)[]>();
const whenFocusable = new Set<() => void>();

/** A pane, or what lies in front of it, says how the keyboard focus gets into it. Returns what takes that back. */
export function registerFocus(pane: Pane, focus: () => void): () => void {
  focusers.set(pane, [...(focusers.get(pane) ?? []), focus]);
  for (const listener of [...whenFocusable]) listener();
  return () => focusers.set(pane, focusers.get(pane)?.filter((each) => each !== focus) ?? []);
}

/** Runs `listener` when one more pane can take the focus. Returns what ends it. */
export function onFocusable(listener: () => void): () => void {
  whenFocusable.add(listener);
  return () => whenFocusable.delete(listener);
}

/** Moves the keyboard focus into a pane, where it can take it by now. */
export function enterPane(pane: Pane): void {
  focusers.get(pane)?.at(-1)?.();
}

/** Shows a pane; the keyboard focus stays where it is. */
export function showPane(pane: Pane): void {
  useWorkbench.setState(({ visible }) => ({ visible: { ...visible, [pane]: true }, activePane: pane }));
}

/** Leads to what Claude waits for an answer to, in whichever conversation. */
export function goToQuestion(): void {
  showPane("claude");
  useWorkbench.setState({ questionWanted: true });
}

/** Shows a pane and moves the keyboard focus into it. */
export function focusPane(pane: Pane): void {
  showPane(pane);
  // After the pane has been drawn.
  requestAnimationFrame(() => enterPane(pane));
}
