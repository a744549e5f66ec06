import { useEffect, useMemo, useState } from "react";
import { z } from "zod";
import { useStore } from "zustand";
import { useCurrentUser } from "../../../lib/current-user.tsx";
import { useSession } from "../../../lib/hooks.ts";
import { live } from "../../../lib/live.ts";
import { readPreference, writePreference } from "../../../lib/preferences.ts";
import { useWorkbench } from "../../store.ts";
import { type Decorations, decorationsOf, noDecorations } from "./decorations.ts";
import { FileTree } from "./file-tree.ts";
import type { Tree } from "./tree-model.ts";

const Expanded = z.array(z.string()).max(2000);
/** git is asked once changes have paused for so long. */
const gitSettleMs = 400;
/** Under changes that never pause it is asked at least this often. */
const gitMaxWaitMs = 3000;

/** Asks git when an agent can be reached and after changes; tells the status bar the branch. */
function useGit(sessionId: string): Decorations {
  const { agent, epoch } = useSession(sessionId);
  const [decorations, setDecorations] = useState(noDecorations);
  const bootId = agent?.bootId ?? null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asks again in each epoch
  useEffect(() => {
    if (bootId === null) return;
    let ended = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let changedAt = 0;
    const ask = async () => {
      changedAt = 0;
      try {
        const { git } = await live.command("workspace.status", sessionId, {}, { offline: "fail" });
        if (ended) return;
        setDecorations(decorationsOf(git?.changes ?? []));
        useWorkbench.setState({ branch: git?.branch ?? null, changed: (git?.changes.length ?? 0) > 0 });
      } catch {
        // Colours are no reason for a message: the next change asks again.
      }
    };
    const askSoon = () => {
      changedAt ||= Date.now();
      clearTimeout(timer);
      const left = changedAt + gitMaxWaitMs - Date.now();
      timer = setTimeout(() => void ask(), Math.max(0, Math.min(gitSettleMs, left)));
    };
    void ask();
    const end = live.on("file.changed", sessionId, askSoon);
    return () => {
      ended = true;
      clearTimeout(timer);
      end();
    };
  }, [sessionId, bootId, epoch]);
  return decorations;
}

/** The workspace's tree, live. */
export function useWorkspaceTree(sessionId: string): {
  files: FileTree;
  tree: Tree;
  decorations: Decorations;
} {
  const { id: userId } = useCurrentUser();
  const { agent, epoch } = useSession(sessionId);
  const files = useMemo(() => {
    const name = `explorer.expanded.${sessionId}`;
    return new FileTree({
      list: (path) => live.command("file.list", sessionId, { path }, { offline: "fail" }),
      expanded: readPreference(userId, name, Expanded, []),
      onExpanded: (expanded) => writePreference(userId, name, [...expanded].slice(0, 2000)),
    });
  }, [sessionId, userId]);
  useEffect(() => live.on("file.changed", sessionId, (event) => files.onChanged(event)), [sessionId, files]);
  const reachable = agent !== null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: lists again in each epoch
  useEffect(() => {
    if (reachable) void files.refreshAll();
  }, [files, reachable, epoch]);
  const tree = useStore(files.store);
  return { files, tree, decorations: useGit(sessionId) };
}
