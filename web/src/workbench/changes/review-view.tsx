"use client";

import type { ChangedFile, ChangeSide } from "@remote-claude/protocol";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import * as z from "zod";
import { Button } from "../../components/ui/button.tsx";
import { formatBytes } from "../../lib/format.ts";
import { useSession } from "../../lib/hooks.ts";
import { usePreference } from "../../lib/preferences.ts";
import { useCommand } from "../commands.ts";
import { PaneSkeleton } from "../pane-skeleton.tsx";
import { openFile, useWorkbench } from "../store.ts";
import { acceptedKey, closeShownReview, hideReview, setAccepted, useChangesStore } from "./changes-store.ts";
import { DiffPane } from "./diff-pane.tsx";
import { differsInLineEndsOnly, type Hunk, hunksOf } from "./hunks.ts";
import { revertChange } from "./revert-change.ts";
import { RevertFileDialog } from "./revert-file-dialog.tsx";
import { ReviewHeader } from "./review-header.tsx";
import { baseOf } from "./use-changes.ts";
import { type Sides, useReviewedFile } from "./use-reviewed-file.ts";

const noHunks: readonly Hunk[] = [];

/** The text of a side, "" for a file that is not there; null for what cannot be shown as text. */
function textOf(side: ChangeSide | undefined): string | null {
  if (side?.kind === "missing") return "";
  return side?.kind === "text" ? side.text : null;
}

function describe(side: ChangeSide): string {
  switch (side.kind) {
    case "missing":
      return "not there";
    case "text":
      return "text";
    case "binary":
      return `${formatBytes(side.size)} that are no text`;
    case "large":
      return `${formatBytes(side.size)}, too large to be shown here`;
    case "other":
      return side.what;
  }
}

function Note({ children }: { children: ReactNode }) {
  return (
    <div className="absolute inset-0 flex flex-col items-center justify-center gap-2 p-6 text-center text-muted-foreground">
      {children}
    </div>
  );
}

function NotText({ sides, onOpen }: { sides: Sides; onOpen(): void }) {
  return (
    <Note>
      <p className="font-medium text-foreground">This file cannot be compared line by line.</p>
      <p>
        Before: {describe(sides.original)}. Now: {describe(sides.current)}.
      </p>
      {sides.current.kind !== "missing" && <Button onClick={onOpen}>Open the file</Button>}
    </Note>
  );
}

/** Which change one is at, and stepping through them. */
function useSteps(count: number) {
  const [active, setActive] = useState(0);
  const [reveals, setReveals] = useState(0);
  const at = Math.max(0, Math.min(active, count - 1));
  const go = (index: number) => {
    setActive(index);
    setReveals((before) => before + 1);
  };
  const step = (by: 1 | -1) => {
    if (count > 0) go((at + by + count) % count);
  };
  return { active: at, reveals, setActive, step };
}

/** A file's changes in the editor's place: to look at, accept, take back and comment on. */
export function ReviewView({ sessionId, file }: { sessionId: string; file: ChangedFile }) {
  const { path } = file;
  const { session, agent } = useSession(sessionId);
  const canUse = (session?.abilities.includes("session.use") ?? false) && agent !== null;
  const kind = useChangesStore((state) => state.base);
  const conversationId = useWorkbench((state) => state.conversation);
  const { sides, error } = useReviewedFile(sessionId, file);
  const [original, current] = [textOf(sides?.original), textOf(sides?.current)];
  const hunks = useMemo(
    () => (original === null || current === null ? noHunks : hunksOf(original, current)),
    [original, current],
  );
  const allAccepted = useChangesStore((state) => state.accepted);
  const accepted = useMemo(() => {
    const known = new Set(allAccepted);
    return new Set(hunks.filter(({ key }) => known.has(acceptedKey(path, key))).map(({ key }) => key));
  }, [allAccepted, hunks, path]);
  useEffect(() => {
    if (sides === null) return;
    useChangesStore.setState(({ progress }) => ({
      progress: { ...progress, [path]: { hunks: hunks.length, accepted: accepted.size } },
    }));
  }, [path, sides, hunks.length, accepted.size]);
  const { active, reveals, setActive, step } = useSteps(hunks.length);
  const [sideBySide, setSideBySide] = usePreference("changes.side-by-side", z.boolean(), true);
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const beginComment = useRef<(() => void) | null>(null);

  const revert = async (hunk: Hunk | null) => {
    const base = baseOf(kind, conversationId);
    if (sides === null || base === null || busy || !canUse) return;
    setBusy(true);
    const done = await revertChange({ sessionId, base, file, sides, hunk });
    setBusy(false);
    if (done && hunk === null) closeShownReview();
  };
  const open = () => {
    hideReview();
    openFile(path);
  };
  const at = hunks[active];
  useCommand({ id: "changes.next", title: "Changes: Next change", keys: "Alt+F5", run: () => step(1) });
  useCommand({
    id: "changes.previous",
    title: "Changes: Previous change",
    keys: "Shift+Alt+F5",
    run: () => step(-1),
  });
  useCommand({
    id: "changes.accept",
    title: "Changes: Accept this change and go to the next",
    keys: "Mod+Alt+Y",
    run: () => {
      if (at === undefined) return;
      setAccepted(path, [at.key], true);
      if (active < hunks.length - 1) step(1);
    },
  });
  useCommand({
    id: "changes.revert",
    title: "Changes: Revert this change",
    keys: "Mod+Alt+N",
    run: () => (at === undefined ? undefined : revert(at)),
  });
  useCommand({
    id: "changes.comment",
    title: "Changes: Comment on these lines",
    keys: "Mod+Alt+M",
    run: () => {
      if (canUse) beginComment.current?.();
    },
  });

  return (
    // Above the scroll bar of the file's own editor, which Monaco gives the layer 11.
    <div className="absolute inset-0 z-20 flex flex-col bg-background">
      <ReviewHeader
        file={file}
        same={original !== null && original === current}
        hunks={hunks.length}
        accepted={accepted.size}
        active={active}
        sideBySide={sideBySide}
        canRevert={canUse && sides !== null}
        canOpen={sides !== null && sides.current.kind !== "missing"}
        busy={busy}
        onStep={step}
        onAcceptAll={() =>
          setAccepted(
            path,
            hunks.map(({ key }) => key),
            true,
          )
        }
        onRevertFile={() => setAsking(true)}
        onSideBySide={() => setSideBySide(!sideBySide)}
        onOpenFile={open}
        onClose={() => closeShownReview()}
      />
      {error !== null && (
        <p role="alert" className="border-b bg-destructive-soft px-3 py-1 text-destructive text-xs">
          {error}
        </p>
      )}
      {original !== null && current !== null && differsInLineEndsOnly(original, current) && (
        <p className="border-b bg-warning-soft px-3 py-1 text-warning text-xs">
          Only the line ends differ ({original.includes("\r\n") ? "CRLF" : "LF"} before,{" "}
          {current.includes("\r\n") ? "CRLF" : "LF"} now).
        </p>
      )}
      <div className="relative min-h-0 flex-1">
        {sides === null && error === null && <PaneSkeleton label="The changes" />}
        {sides !== null && original === null && <NotText sides={sides} onOpen={open} />}
        {sides !== null && original !== null && current === null && <NotText sides={sides} onOpen={open} />}
        {sides !== null && original !== null && original === current && (
          <Note>
            <p>
              {file.status === "renamed" ? "Renamed; its text is the same." : "Nothing differs any more."}
            </p>
          </Note>
        )}
        {original !== null && current !== null && original !== current && (
          <DiffPane
            key={`${kind} ${path}`}
            {...{ path, original, current, hunks, accepted, active, reveals, sideBySide, canUse, busy }}
            onActive={setActive}
            onAccept={(hunk, value) => setAccepted(path, [hunk.key], value)}
            onRevert={(hunk) => void revert(hunk)}
            onReady={(begin) => {
              beginComment.current = begin;
            }}
          />
        )}
      </div>
      <RevertFileDialog
        file={file}
        open={asking}
        onOpenChange={setAsking}
        onRevert={() => void revert(null)}
        removes={sides?.original.kind === "missing"}
      />
    </div>
  );
}
