"use client";

import "./changes.css";
import type { editor as Monaco } from "monaco-editor/editor/editor.api.js";
import { useEffect, useMemo, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { newId } from "../../lib/new-id.ts";
import { registerFocus } from "../store.ts";
import { removeComments, setComment, useChangesStore } from "./changes-store.ts";
import { anchorOf, type ReviewComment } from "./comments.ts";
import type { Hunk } from "./hunks.ts";
import { LineZones, type ZonePlace } from "./line-zones.ts";
import { useCommentGlyph } from "./use-comment-glyph.ts";
import { useDiffEditor } from "./use-diff-editor.ts";
import { CommentBox, HunkBar } from "./zones.tsx";

interface DiffPaneProps {
  readonly path: string;
  readonly original: string;
  readonly current: string;
  readonly hunks: readonly Hunk[];
  readonly accepted: ReadonlySet<string>;
  readonly active: number;
  /** Counts requests to bring the active change into view. */
  readonly reveals: number;
  readonly sideBySide: boolean;
  readonly canUse: boolean;
  readonly busy: boolean;
  onActive(index: number): void;
  onAccept(hunk: Hunk, accepted: boolean): void;
  onRevert(hunk: Hunk): void;
  /** The pane says how a comment on the cursor's lines is begun. */
  onReady(begin: (() => void) | null): void;
}

const hunkLine = (hunk: Hunk) => hunk.current.start + 1;

/** The hunk whose lines, or the line below what was removed, hold this line. */
function hunkAt(hunks: readonly Hunk[], line: number): number {
  return hunks.findIndex(
    ({ current: { start, count } }) => line > start && line <= start + Math.max(1, count),
  );
}

/** Which comments stand in this file, and which one is being written. */
function useFileComments(path: string, code: Monaco.ICodeEditor | null) {
  const all = useChangesStore((state) => state.comments);
  const saved = useMemo(() => all.filter((comment) => comment.path === path), [all, path]);
  const [draft, setDraft] = useState<ReviewComment | null>(null);
  const [editing, setEditing] = useState<string | null>(null);
  const beginAt = (from: number, to: number) => {
    const model = code?.getModel();
    if (!model || model.getValueLength() === 0) return;
    const codeLines = model.getLinesContent().slice(from - 1, to);
    const id = newId();
    setDraft({ id, path, lines: [from, to], code: codeLines.join("\n"), text: "" });
    setEditing(id);
  };
  const begin = () => {
    const selection = code?.getSelection();
    if (!selection) return;
    const below = selection.endColumn === 1 && selection.endLineNumber > selection.startLineNumber;
    beginAt(selection.startLineNumber, selection.endLineNumber - (below ? 1 : 0));
  };
  const end = () => {
    setDraft(null);
    setEditing(null);
    code?.focus();
  };
  const comments = draft === null ? saved : [...saved.filter(({ id }) => id !== draft.id), draft];
  return { comments, editing, begin, beginAt, edit: setEditing, end };
}

/** The two versions with what can be done between their lines. */
export function DiffPane(props: DiffPaneProps) {
  const { path, hunks, active, reveals, canUse } = props;
  const element = useRef<HTMLDivElement>(null);
  const diff = useDiffEditor(element, path, props, props);
  const code = useMemo(() => diff?.getModifiedEditor() ?? null, [diff]);
  const notes = useFileComments(path, code);
  const { comments } = notes;
  useCommentGlyph(code, canUse, notes.beginAt);

  const latest = useRef({ ...props, begin: notes.begin });
  latest.current = { ...props, begin: notes.begin };
  useEffect(() => {
    if (code === null) return;
    const cursor = code.onDidChangeCursorPosition(({ position }) => {
      const index = hunkAt(latest.current.hunks, position.lineNumber);
      if (index !== -1) latest.current.onActive(index);
    });
    const unregister = registerFocus("editor", () => code.focus());
    latest.current.onReady(() => latest.current.begin());
    return () => {
      cursor.dispose();
      unregister();
      latest.current.onReady(null);
    };
  }, [code]);

  const [zones, setZones] = useState<LineZones | null>(null);
  const [nodes, setNodes] = useState<ReadonlyMap<string, HTMLElement>>(new Map());
  useEffect(() => {
    if (code === null) return;
    const made = new LineZones(code);
    setZones(made);
    return () => {
      made.dispose();
      setZones(null);
    };
  }, [code]);
  const places = useMemo((): ZonePlace[] => {
    const lines = props.current.split(/\r?\n/);
    return [
      ...hunks.map((hunk) => ({ key: `hunk ${hunk.key}`, afterLine: hunk.current.start, ordinal: 1 })),
      ...comments.map((comment, index) => ({
        key: `comment ${comment.id}`,
        afterLine: anchorOf(comment, lines),
        ordinal: 100 + index,
      })),
    ];
  }, [hunks, comments, props.current]);
  useEffect(() => {
    if (zones !== null) setNodes(zones.set(places));
  }, [zones, places]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each request counts, to the same place too
  useEffect(() => {
    const hunk = hunks[active];
    if (code === null || hunk === undefined) return;
    const show = () => {
      const line = Math.min(hunkLine(hunk), code.getModel()?.getLineCount() ?? 1);
      code.setPosition({ lineNumber: line, column: 1 });
      code.revealLineInCenter(line);
    };
    show();
    // What is folded away is known once the two are compared.
    const once = diff?.onDidUpdateDiff(() => {
      once?.dispose();
      show();
    });
    return () => once?.dispose();
  }, [code, reveals]);

  return (
    <div className="absolute inset-0">
      <div ref={element} className="size-full" />
      {hunks.map((hunk, index) => {
        const node = nodes.get(`hunk ${hunk.key}`);
        if (node === undefined) return null;
        const bar = (
          <HunkBar
            index={index}
            count={hunks.length}
            accepted={props.accepted.has(hunk.key)}
            active={index === active}
            canRevert={canUse}
            busy={props.busy}
            onAccept={(accepted) => props.onAccept(hunk, accepted)}
            onRevert={() => props.onRevert(hunk)}
            onComment={() => {
              const { start, count } = hunk.current;
              notes.beginAt(start + Math.min(1, Math.max(count, 1)), Math.max(start + count, 1));
            }}
          />
        );
        return createPortal(bar, node, hunk.key);
      })}
      {comments.map((comment) => {
        const node = nodes.get(`comment ${comment.id}`);
        if (node === undefined) return null;
        const box = (
          <CommentBox
            comment={comment}
            editing={notes.editing === comment.id}
            onSave={(text) => {
              setComment({ ...comment, text });
              notes.end();
            }}
            onEdit={() => notes.edit(comment.id)}
            onCancel={notes.end}
            onRemove={() => removeComments(new Set([comment.id]))}
          />
        );
        return createPortal(box, node, comment.id);
      })}
    </div>
  );
}
