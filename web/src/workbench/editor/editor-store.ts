import { createStore, type StoreApi } from "zustand/vanilla";
import type { DocumentState } from "./document-state.ts";
import { noTabs, type Tabs } from "./tabs.ts";

/** What is shown of a file. */
export type DocumentView =
  | { kind: "loading" }
  | { kind: "text"; readOnly: string | null }
  | { kind: "image"; url: string; size: number }
  | { kind: "binary"; size: number }
  | { kind: "large"; size: number; refused: boolean }
  | { kind: "error"; message: string };

export interface OpenDocument {
  view: DocumentView;
  state: DocumentState;
}

/** What the editor's components draw. */
export interface EditorState {
  tabs: Tabs;
  documents: Readonly<Record<string, OpenDocument>>;
  /** The file that is shown beside its version on disk. */
  comparing: { path: string; disk: string } | null;
  /** Edited files that are to be closed: what about their edits? */
  closing: readonly string[] | null;
  /** Counts requests to go to a place in the active file. */
  reveals: number;
  wordWrap: boolean;
}

export type EditorStore = StoreApi<EditorState>;

export function createEditorStore(): EditorStore {
  return createStore<EditorState>(() => ({
    tabs: noTabs,
    documents: {},
    comparing: null,
    closing: null,
    reveals: 0,
    wordWrap: false,
  }));
}

export const isDirty = (document: OpenDocument | undefined) => document?.state.dirty ?? false;
