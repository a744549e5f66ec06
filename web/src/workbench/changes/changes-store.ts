import type { ChangedFile, Reply } from "@remote-claude/protocol";
import { create } from "zustand";
import type { ReviewComment } from "./comments.ts";

export type Listing = Reply<"changes.list">;
export type BaseKind = "commit" | "conversation";

/** How far a file that was looked at has been accepted. */
export interface Progress {
  readonly hunks: number;
  readonly accepted: number;
}

export interface ChangesState {
  base: BaseKind;
  /** null until the first answer for this base. */
  listing: Listing | null;
  error: string | null;
  loading: boolean;
  /** Somebody has opened the view: from then on it is kept up to date. */
  wanted: boolean;
  /** Counts what may have changed: whoever shows a file reads it again. */
  version: number;
  /** The file whose changes have a tab in the editor. */
  review: ChangedFile | null;
  /** That tab is in front. */
  shown: boolean;
  /** Changes that this person has accepted, by file and key. */
  accepted: readonly string[];
  progress: Readonly<Record<string, Progress>>;
  /** Not sent yet. */
  comments: readonly ReviewComment[];
  committing: boolean;
}

const initial: ChangesState = {
  base: "commit",
  listing: null,
  error: null,
  loading: false,
  wanted: false,
  version: 0,
  review: null,
  shown: false,
  accepted: [],
  progress: {},
  comments: [],
  committing: false,
};

/** What the list of changes, the comparison in the editor and the commit share. */
export const useChangesStore = create<ChangesState>(() => initial);

/** Another session's workbench opens; what this person's browser remembers of it comes back. */
export function resetChanges(remembered: Partial<ChangesState>): void {
  useChangesStore.setState({ ...initial, ...remembered }, true);
}

/** Shows a file's changes in the editor. */
export function showReview(file: ChangedFile): void {
  useChangesStore.setState({ review: file, shown: true });
}

export function hideReview(): void {
  if (useChangesStore.getState().shown) useChangesStore.setState({ shown: false });
}

/** Closes the comparison if it is in front; false if it is not. */
export function closeShownReview(): boolean {
  const { shown } = useChangesStore.getState();
  if (shown) useChangesStore.setState({ review: null, shown: false });
  return shown;
}

export const acceptedKey = (path: string, hunk: string) => `${path}\0${hunk}`;

/** Newest last; what is older than so many is forgotten. */
const maxAccepted = 3_000;

export function setAccepted(path: string, hunks: readonly string[], accepted: boolean): void {
  const keys = new Set(hunks.map((hunk) => acceptedKey(path, hunk)));
  useChangesStore.setState((state) => {
    const others = state.accepted.filter((key) => !keys.has(key));
    return { accepted: accepted ? [...others, ...keys].slice(-maxAccepted) : others };
  });
}

export function setComment(comment: ReviewComment): void {
  useChangesStore.setState(({ comments }) => ({
    comments: [...comments.filter(({ id }) => id !== comment.id), comment],
  }));
}

export function removeComments(ids: ReadonlySet<string>): void {
  useChangesStore.setState(({ comments }) => ({ comments: comments.filter(({ id }) => !ids.has(id)) }));
}
