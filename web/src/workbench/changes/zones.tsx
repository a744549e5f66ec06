"use client";

import { CheckIcon, MessageSquarePlusIcon, Undo2Icon } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { cn } from "../../lib/utils.ts";
import type { ReviewComment } from "./comments.ts";

interface HunkBarProps {
  readonly index: number;
  readonly count: number;
  readonly accepted: boolean;
  readonly active: boolean;
  readonly canRevert: boolean;
  readonly busy: boolean;
  onAccept(accepted: boolean): void;
  onRevert(): void;
  onComment(): void;
}

/** What can be done with one change, above its first line. */
export function HunkBar(props: HunkBarProps) {
  const { index, count, accepted, active, canRevert, busy } = props;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a form's looks
    <div
      role="group"
      aria-label={`Change ${index + 1} of ${count}`}
      className={cn(
        "flex h-6 items-center gap-0.5 border-l-2 bg-muted/60 pl-2 text-[11px] text-muted-foreground",
        active ? "border-l-clay" : "border-l-transparent",
      )}
    >
      <span className={cn("mr-1 shrink-0 tabular-nums", accepted && "text-success")}>
        {accepted && <CheckIcon className="mr-0.5 inline size-3" aria-hidden />}
        {index + 1}/{count}
      </span>
      <Button
        variant="quiet"
        size="sm"
        className="h-5 px-1.5 text-[11px]"
        aria-pressed={accepted}
        onClick={() => props.onAccept(!accepted)}
      >
        {!accepted && <CheckIcon className="size-3!" aria-hidden />}
        {accepted ? "Accepted" : "Accept"}
      </Button>
      {canRevert && (
        <Button
          variant="quiet"
          size="sm"
          className="h-5 px-1.5 text-[11px]"
          disabled={busy}
          onClick={props.onRevert}
        >
          <Undo2Icon className="size-3!" aria-hidden />
          Revert
        </Button>
      )}
      {canRevert && (
        <Button variant="quiet" size="sm" className="h-5 px-1.5 text-[11px]" onClick={props.onComment}>
          <MessageSquarePlusIcon className="size-3!" aria-hidden />
          Comment
        </Button>
      )}
    </div>
  );
}

const linesLabel = ([from, to]: ReviewComment["lines"]) =>
  from === to ? `line ${from}` : `lines ${from} to ${to}`;

interface CommentBoxProps {
  readonly comment: ReviewComment;
  /** It is being written. */
  readonly editing: boolean;
  onSave(text: string): void;
  onEdit(): void;
  onCancel(): void;
  onRemove(): void;
}

/** A comment below its lines: as it will be sent, or the box in which it is written. */
export function CommentBox({ comment, editing, ...on }: CommentBoxProps) {
  return (
    <div className="px-2 py-1.5 font-sans text-[13px]">
      <div className="max-w-2xl rounded-lg border border-border-strong bg-surface shadow-xs focus-within:border-ring">
        {editing ? (
          <CommentEditor comment={comment} onSave={on.onSave} onCancel={on.onCancel} />
        ) : (
          <div className="flex items-start gap-2 px-3 py-2">
            <p className="min-w-0 flex-1 whitespace-pre-wrap break-words leading-5">{comment.text}</p>
            <Button variant="quiet" size="sm" className="h-6 px-1.5" onClick={on.onEdit}>
              Edit
            </Button>
            <Button variant="quiet" size="sm" className="h-6 px-1.5" onClick={on.onRemove}>
              Remove
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

function CommentEditor({
  comment,
  onSave,
  onCancel,
}: Pick<CommentBoxProps, "comment" | "onSave" | "onCancel">) {
  const [text, setText] = useState(comment.text);
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    // The editor places the box once it has drawn: focusing it before would scroll to nowhere.
    const frame = requestAnimationFrame(() => box.current?.focus({ preventScroll: true }));
    return () => cancelAnimationFrame(frame);
  }, []);
  const save = () => text.trim() !== "" && onSave(text.trim());
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") onCancel();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="flex flex-col gap-1.5 p-2">
      <textarea
        ref={box}
        aria-label={`Comment on ${linesLabel(comment.lines)}`}
        placeholder="What should Claude know or change here?"
        rows={3}
        maxLength={10_000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        className="field-sizing-content max-h-60 min-h-14 w-full resize-none rounded-md bg-transparent px-1 leading-5 outline-none! placeholder:text-muted-foreground"
      />
      <div className="flex items-center justify-end gap-1.5">
        <span className="mr-auto truncate pl-1 text-[11px] text-muted-foreground">
          {linesLabel(comment.lines)}
        </span>
        <Button size="sm" variant="ghost" onClick={onCancel}>
          Cancel
        </Button>
        <Button size="sm" variant="primary" disabled={text.trim() === ""} onClick={save}>
          Add comment
        </Button>
      </div>
    </div>
  );
}
