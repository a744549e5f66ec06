"use client";

import type { ChangedFile } from "@remote-claude/protocol";
import { GitCommitVerticalIcon, LoaderCircleIcon, RefreshCwIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import {
  Select,
  SelectContent,
  SelectItem,
  SelectTrigger,
  SelectValue,
} from "../../components/ui/select.tsx";
import { Tooltip } from "../../components/ui/tooltip.tsx";
import { messageOf } from "../../lib/errors.ts";
import { useSession } from "../../lib/hooks.ts";
import { live } from "../../lib/live.ts";
import { toast } from "../../lib/toast.ts";
import { useCommand } from "../commands.ts";
import { focusPane, useWorkbench } from "../store.ts";
import { isPhone } from "../use-is-phone.ts";
import { totalsOf } from "./change-rows.ts";
import { ChangeTree } from "./change-tree.tsx";
import { type BaseKind, type ChangesState, showReview, useChangesStore } from "./changes-store.ts";
import { CommentsBar } from "./comments-bar.tsx";
import { CommitDialog } from "./commit-dialog.tsx";
import { LineCounts } from "./line-counts.tsx";
import { useChanges } from "./use-changes.ts";

const bases: Record<BaseKind, string> = {
  commit: "Since the last commit",
  conversation: "By Claude, here",
};

function BasePicker({ base }: { base: BaseKind }) {
  return (
    <Select
      value={base}
      onValueChange={(value) =>
        useChangesStore.setState({
          base: value as BaseKind,
          listing: null,
          error: null,
          progress: {},
          review: null,
          shown: false,
        })
      }
    >
      <SelectTrigger aria-label="Which changes" className="h-7 min-w-0 flex-1 pointer-coarse:h-9 text-xs">
        <SelectValue />
      </SelectTrigger>
      <SelectContent>
        {Object.entries(bases).map(([value, label]) => (
          <SelectItem key={value} value={value}>
            {label}
          </SelectItem>
        ))}
      </SelectContent>
    </Select>
  );
}

/** Where the workspace is no repository there is nothing to compare with, but it can be made one. */
function NoRepository({ sessionId, canUse, git }: { sessionId: string; canUse: boolean; git: boolean }) {
  const [busy, setBusy] = useState(false);
  const init = async () => {
    setBusy(true);
    await live
      .command("changes.init", sessionId, {})
      .catch((error: unknown) => toast.error(messageOf(error)));
    setBusy(false);
  };
  return (
    <div className="flex flex-col items-stretch gap-2 px-4 py-6 text-center">
      <p className="font-medium">{git ? "The workspace is no git repository" : "This session has no git"}</p>
      <p className="mb-2 text-muted-foreground text-xs">
        {git
          ? "Without one there is no last commit to compare with. What Claude changed in a conversation can be seen all the same."
          : "What Claude changed in a conversation can be seen all the same."}
      </p>
      {git && canUse && (
        <Button disabled={busy} onClick={() => void init()}>
          Make it a repository
        </Button>
      )}
      <Button onClick={() => useChangesStore.setState({ base: "conversation", listing: null })}>
        Show what Claude changed
      </Button>
    </div>
  );
}

function sentenceOf({ listing, loading, base }: ChangesState, conversation: string | null): string {
  if (base === "conversation" && conversation === null) return "Open the conversation with Claude first.";
  if (listing === null) return loading ? "Looking…" : "";
  const { files, truncated } = listing;
  if (files.length === 0)
    return base === "commit"
      ? "Nothing has changed since the last commit."
      : "Claude has changed no files here, or all is as it was.";
  const count = files.length === 1 ? "1 file" : `${files.length} files`;
  return truncated ? `The first ${count}; there are more` : count;
}

function Head({ sessionId, canUse, onRefresh }: { sessionId: string; canUse: boolean; onRefresh(): void }) {
  const state = useChangesStore();
  const conversation = useWorkbench(({ conversation }) => conversation);
  const { listing, loading, error, base } = state;
  const files = listing?.files ?? [];
  const repository = listing?.repository ?? null;
  return (
    <>
      <div className="flex items-center gap-1 px-2 pt-2">
        <BasePicker base={base} />
        <Tooltip label="Refresh">
          <Button
            variant="quiet"
            size="icon-sm"
            className="pointer-coarse:size-9"
            aria-label="Refresh the changes"
            onClick={onRefresh}
          >
            {loading ? <LoaderCircleIcon className="animate-spin" /> : <RefreshCwIcon />}
          </Button>
        </Tooltip>
      </div>
      {canUse && repository !== null && (
        <div className="px-2">
          <Button
            variant="primary"
            className="w-full"
            disabled={base === "commit" && files.length === 0}
            onClick={() => useChangesStore.setState({ committing: true })}
          >
            <GitCommitVerticalIcon aria-hidden /> Commit…
          </Button>
        </div>
      )}
      <div className="flex items-center gap-2 px-2.5 text-muted-foreground text-xs">
        <p role="status" className="min-w-0 flex-1">
          {error === null ? (
            sentenceOf(state, conversation)
          ) : (
            <span className="text-destructive">{error}</span>
          )}
        </p>
        {files.length > 0 && <LineCounts file={totalsOf(files)} />}
      </div>
      {base === "conversation" && files.length > 0 && (
        <p className="px-2.5 text-[11px] text-muted-foreground">
          What Claude wrote and edited in this conversation. What its commands did is among the changes since
          the last commit.
        </p>
      )}
      <CommitDialog sessionId={sessionId} />
    </>
  );
}

function useChangesCommands(show: () => void): void {
  useCommand({
    id: "changes.focus",
    title: "View: Go to the changes",
    keys: "Mod+Shift+G",
    run: show,
  });
  useCommand({
    id: "changes.commit",
    title: "Git: Commit…",
    run: () => {
      show();
      useChangesStore.setState({ committing: true });
    },
  });
}

/** All that was changed: the list, the comments on it, the commit. `visible`: it is the view in front. */
export function ChangesView({
  sessionId,
  visible,
  onShow,
}: {
  sessionId: string;
  visible: boolean;
  onShow(): void;
}) {
  const { session, agent } = useSession(sessionId);
  const canUse = agent !== null && (session?.abilities.includes("session.use") ?? false);
  const { refresh } = useChanges(sessionId);
  const { listing, review, base } = useChangesStore();
  useChangesCommands(onShow);
  useEffect(() => {
    if (visible) useChangesStore.setState({ wanted: true });
  }, [visible]);
  // What is shown of a file follows the list: its status and counts may have become others.
  useEffect(() => {
    const { review: shown } = useChangesStore.getState();
    const now = listing?.files.find(({ path }) => path === shown?.path);
    if (now !== undefined && shown !== null) useChangesStore.setState({ review: now });
  }, [listing]);
  const open = (file: ChangedFile, keepFocus: boolean) => {
    showReview(file);
    if (!keepFocus || isPhone()) focusPane("editor");
    else useWorkbench.setState(({ visible }) => ({ visible: { ...visible, editor: true } }));
  };
  const noRepository = base === "commit" && listing !== null && listing.repository === null;
  return (
    <div className="flex size-full flex-col gap-1.5">
      <Head sessionId={sessionId} canUse={canUse} onRefresh={refresh} />
      {noRepository ? (
        <div className="min-h-0 flex-1 overflow-y-auto">
          <NoRepository sessionId={sessionId} canUse={canUse} git={listing.gitAvailable} />
        </div>
      ) : (
        <ChangeTree files={listing?.files ?? []} shown={review?.path ?? null} onOpen={open} />
      )}
      <CommentsBar sessionId={sessionId} canUse={canUse} />
    </div>
  );
}
