/**
 * How an open file stands to the one on disk. `base` is the version that the text here began with, null for a file
 * that is not on disk; `disk` the version seen there last.
 */
export interface DocumentState {
  base: string | null;
  dirty: boolean;
  saving: boolean;
  /** Edited here and changed there: a person must choose. */
  conflict: "none" | "changed" | "refused";
  /** The version that stands against ours while there is a conflict. */
  disk: string | null;
  deleted: boolean;
}

export type DocumentEvent =
  | { kind: "edited"; dirty: boolean }
  | { kind: "save-started" }
  | { kind: "saved"; etag: string; dirty: boolean }
  | { kind: "save-failed" }
  /** The version on disk is not the one we meant to write over; null: not known. */
  | { kind: "save-refused"; etag: string | null }
  /** Another version is on disk. */
  | { kind: "disk-changed"; etag: string }
  | { kind: "disk-deleted" }
  /** The text here is what is on disk. */
  | { kind: "taken"; etag: string }
  /** Go on with what is here: the next save writes over the version on disk. */
  | { kind: "kept" };

export function openedDocument(base: string | null): DocumentState {
  return { base, dirty: false, saving: false, conflict: "none", disk: base, deleted: false };
}

/** Whether a change on disk may be shown at once: nothing here would be lost. */
export function followsDisk(state: DocumentState): boolean {
  return !state.dirty && !state.saving;
}

/** The state after an event. A dirty document never takes what is on disk unless a person said so (`taken`). */
export function nextDocumentState(state: DocumentState, event: DocumentEvent): DocumentState {
  switch (event.kind) {
    case "edited":
      return { ...state, dirty: event.dirty };
    case "save-started":
      return { ...state, saving: true };
    case "saved":
      return { ...openedDocument(event.etag), dirty: event.dirty };
    case "save-failed":
      return { ...state, saving: false };
    case "save-refused":
      return {
        ...state,
        saving: false,
        conflict: "refused",
        disk: event.etag,
        deleted: event.etag === null ? state.deleted : false,
      };
    case "disk-changed":
      if (event.etag === state.base) return { ...state, conflict: "none", disk: event.etag, deleted: false };
      return { ...state, conflict: "changed", disk: event.etag, deleted: false };
    case "disk-deleted":
      return { ...state, deleted: true, disk: null, conflict: "none" };
    case "taken":
      return openedDocument(event.etag);
    case "kept":
      return { ...state, base: state.disk, conflict: "none" };
  }
}

/** The condition a save carries, so that it never writes over a version nobody here has seen. */
export function saveCondition(state: DocumentState): Record<string, string> {
  if (state.deleted || state.base === null) return { "If-None-Match": "*" };
  return { "If-Match": state.base };
}
