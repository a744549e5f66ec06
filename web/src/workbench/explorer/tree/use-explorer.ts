import type { FileEntry, Session } from "@remote-claude/protocol";
import { useCallback, useMemo, useRef, useState } from "react";
import { messageOf } from "../../../lib/errors.ts";
import { useSession } from "../../../lib/hooks.ts";
import { toast } from "../../../lib/toast.ts";
import { openFile } from "../../store.ts";
import { deleteEntry, makeEntry, moveEntry } from "../files/file-actions.ts";
import { deleteQuestion, replaceQuestion } from "../files/file-questions.ts";
import { isConflict } from "../files/is-conflict.ts";
import type { Ask } from "../question-dialog.tsx";
import { ancestorsOf, joinPath, nameOf, outermost, parentOf } from "./paths.ts";
import { nothingSelected, type Selection, selectOne } from "./selection.ts";
import { type Draft, findEntry } from "./tree-model.ts";
import { useWorkspaceTree } from "./use-workspace-tree.ts";

type Workspace = ReturnType<typeof useWorkspaceTree>;

/** The tree with what one has chosen in it and what one can do to it. */
export interface ExplorerModel extends Workspace {
  sessionId: string;
  session: Session | null;
  reachable: boolean;
  /** This person may change files, and an agent is there to do it. */
  writable: boolean;
  selection: Selection;
  select(selection: Selection): void;
  draft: Draft | null;
  renaming: string | null;
  /** Begins a new entry in a directory, or in the one that the selection is in. */
  startDraft(type: Draft["type"], directory?: string): void;
  startRename(path: string): void;
  /** Ends typing a name without using it. */
  cancelNaming(): void;
  submitDraft(name: string): Promise<void>;
  submitRename(name: string): Promise<void>;
  move(paths: readonly string[], directory: string): Promise<void>;
  remove(paths: readonly string[]): Promise<void>;
  /** Opens up what is above a path, chooses it and brings it into view. */
  reveal(path: string, force?: boolean): Promise<void>;
  /** The line to bring into view next; counted, so that the same one can be asked for again. */
  scrollTo: { path: string; count: number } | null;
  /** Where new things go: the chosen directory, or the one that the chosen file is in. */
  directoryOf(path: string | null): string;
  entry(path: string): FileEntry | null;
}

/** Says what went wrong, once for the person. */
async function attempt(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    toast.error(messageOf(error));
  }
}

/** Typing names: what is being named, and what happens with the name. */
function useNaming(sessionId: string, { files }: Workspace, reveal: ExplorerModel["reveal"]) {
  const [draft, setDraft] = useState<Draft | null>(null);
  const [renaming, setRenaming] = useState<string | null>(null);
  const cancelNaming = useCallback(() => {
    setDraft(null);
    setRenaming(null);
  }, []);
  const submitDraft = useCallback(
    async (name: string) => {
      if (draft === null) return;
      const path = joinPath(draft.directory, name.replace(/\/+$/, ""));
      const type = name.endsWith("/") ? "directory" : draft.type;
      await makeEntry(sessionId, type, path);
      await files.refresh([draft.directory]);
      setDraft(null);
      await reveal(path, true);
      if (type === "file") openFile(path);
    },
    [sessionId, draft, files, reveal],
  );
  const submitRename = useCallback(
    async (name: string) => {
      if (renaming === null) return;
      const to = joinPath(parentOf(renaming), name);
      await moveEntry(sessionId, renaming, to);
      files.moved(renaming, to);
      await files.refresh([parentOf(to)]);
      setRenaming(null);
      await reveal(to, true);
    },
    [sessionId, renaming, files, reveal],
  );
  return { draft, setDraft, renaming, setRenaming, cancelNaming, submitDraft, submitRename };
}

/** Moving and deleting, with the questions they need. */
function useChanges(
  sessionId: string,
  { files }: Workspace,
  ask: Ask,
  reveal: ExplorerModel["reveal"],
  select: (selection: Selection) => void,
) {
  const move = useCallback(
    (paths: readonly string[], directory: string) =>
      attempt(async () => {
        const moving = outermost(paths).filter((path) => parentOf(path) !== directory);
        for (const from of moving) {
          const to = joinPath(directory, nameOf(from));
          try {
            await moveEntry(sessionId, from, to);
          } catch (error) {
            if (!isConflict(error)) throw error;
            if ((await ask(replaceQuestion(to))) === null) continue;
            await moveEntry(sessionId, from, to, true);
          }
          files.moved(from, to);
          await files.refresh([parentOf(from), directory]);
          await reveal(to, true);
        }
      }),
    [sessionId, files, ask, reveal],
  );
  const remove = useCallback(
    (paths: readonly string[]) =>
      attempt(async () => {
        const targets = outermost(paths);
        const tree = files.store.getState();
        const entries = targets.map((path) => findEntry(tree, path)).filter((entry) => entry !== null);
        if (entries.length === 0 || (await ask(deleteQuestion(entries))) === null) return;
        try {
          for (const { path } of entries) await deleteEntry(sessionId, path);
          const parent = parentOf(targets[0] ?? "");
          select(parent === "" ? nothingSelected : selectOne(parent));
        } finally {
          await files.refresh(new Set(targets.map(parentOf)));
        }
      }),
    [sessionId, files, ask, select],
  );
  return { move, remove };
}

export function useExplorer(sessionId: string, ask: Ask): ExplorerModel {
  const workspace = useWorkspaceTree(sessionId);
  const { files, tree } = workspace;
  const { session, agent } = useSession(sessionId);
  const reachable = agent !== null && session?.state === "running";
  const writable = reachable && session.abilities.includes("session.use");
  const [selection, select] = useState(nothingSelected);
  const [scrollTo, setScrollTo] = useState<ExplorerModel["scrollTo"]>(null);
  const count = useRef(0);
  const reveal = useCallback(
    async (path: string, force = false) => {
      if (!(await files.reveal(path, force))) return;
      select(selectOne(path));
      count.current += 1;
      setScrollTo({ path, count: count.current });
    },
    [files],
  );
  const naming = useNaming(sessionId, workspace, reveal);
  const changes = useChanges(sessionId, workspace, ask, reveal, select);
  const entry = useCallback((path: string) => findEntry(files.store.getState(), path), [files]);
  const directoryOf = useCallback(
    (path: string | null) => {
      if (path === null) return "";
      const known = findEntry(files.store.getState(), path);
      if (known === null) return "";
      return known.type === "directory" ? path : parentOf(path);
    },
    [files],
  );
  const { setDraft, setRenaming } = naming;
  const startDraft = useCallback(
    (type: Draft["type"], directory = directoryOf(selection.focused)) => {
      setRenaming(null);
      void (async () => {
        for (const path of directory === "" ? [] : [...ancestorsOf(directory), directory])
          await files.expand(path);
        setDraft({ type, directory });
      })();
    },
    [files, selection.focused, directoryOf, setDraft, setRenaming],
  );
  const startRename = useCallback(
    (path: string) => {
      setDraft(null);
      setRenaming(path);
    },
    [setDraft, setRenaming],
  );
  return useMemo(
    () => ({
      ...workspace,
      tree,
      ...naming,
      ...changes,
      ...{ sessionId, session, reachable, writable, selection, select, scrollTo },
      ...{ startDraft, startRename, reveal, directoryOf, entry },
    }),
    [
      workspace,
      tree,
      naming,
      changes,
      sessionId,
      session,
      reachable,
      writable,
      selection,
      scrollTo,
      startDraft,
      startRename,
      reveal,
      directoryOf,
      entry,
    ],
  );
}
