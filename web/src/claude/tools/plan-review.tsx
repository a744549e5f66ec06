"use client";

import type { PermissionMode } from "@remote-claude/protocol";
import { MessageSquarePlusIcon, XIcon } from "lucide-react";
import { useId, useMemo, useRef } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Textarea } from "../../components/ui/input.tsx";
import { modeTexts } from "../composer/modes.ts";
import type { PermissionQuestion } from "../model/items.ts";
import { splitMarkdown } from "../model/markdown-blocks.ts";
import { usePane } from "../pane-context.tsx";
import { answerKey } from "../permission/answer-keys.ts";
import { KeyCap, KeysHint } from "../permission/key-hint.tsx";
import { useAnswer } from "../permission/use-answer.ts";
import { Markdown } from "../timeline/markdown.tsx";
import { useRowState } from "../timeline/row-memory.ts";
import { type PlanComment, planMessage, planWith } from "./plan-comments.ts";

/** How Claude may go on after a plan; the mode that asks nothing is none of them. */
const modesAfterPlan = ["default", "acceptEdits", "auto"] as const satisfies readonly PermissionMode[];

/** What is selected within an element, if anything. */
function selectedIn(element: HTMLElement): string {
  const selection = window.getSelection();
  if (selection === null || selection.isCollapsed || !element.contains(selection.anchorNode)) return "";
  return selection.toString().trim();
}

function CommentForm({
  comment: { quote, text },
  onChange,
  onAdd,
  onCancel,
}: {
  comment: PlanComment;
  onChange(text: string): void;
  onAdd(): void;
  onCancel(): void;
}) {
  const add = () => text.trim() !== "" && onAdd();
  return (
    <div className="my-1.5 flex flex-col gap-1.5 rounded-md border bg-background p-2">
      <p className="line-clamp-2 border-l-2 pl-2 text-muted-foreground text-xs">{quote}</p>
      <Textarea
        autoFocus
        aria-label="Comment"
        rows={2}
        value={text}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") onCancel();
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) add();
        }}
        className="text-xs max-sm:text-base"
      />
      <div className="flex gap-1.5">
        <Button size="sm" disabled={text.trim() === ""} onClick={add}>
          Add comment
        </Button>
        <Button size="sm" variant="quiet" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </div>
  );
}

/** The first words of a piece, without the marks that make it a heading, a list or a block of code. */
function beginningOf(block: string): string {
  const lines = block.split("\n").map((line) => line.replace(/^[\s#>*+-]+|^\s*(```|~~~).*$/g, "").trim());
  return lines.find((line) => line !== "")?.slice(0, 80) ?? "this";
}

/** A comment that is being written, below the piece of the plan that it is about. */
interface OpenComment extends PlanComment {
  readonly index: number;
}

/** The plan, piece by piece, each with a way to comment on it or on what is selected in it. */
function CommentedPlan({
  plan,
  open,
  onOpen,
  onAdd,
}: {
  plan: string;
  open: OpenComment | null;
  onOpen(comment: OpenComment | null): void;
  onAdd(): void;
}) {
  const blocks = useMemo(() => splitMarkdown(plan), [plan]);
  /** What was pressed last: one goes on from there. */
  const opener = useRef<HTMLButtonElement>(null);
  return (
    <div className="flex max-h-[60vh] flex-col gap-2 overflow-y-auto px-3.5 py-2.5">
      {blocks.map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the plan does not change while it is read
        <div key={index} className="group relative shrink-0 pr-7">
          <Markdown text={block} />
          <Button
            variant="quiet"
            size="icon-sm"
            aria-label={`Comment on: ${beginningOf(block)}`}
            className="absolute top-0 right-0 opacity-40 focus-visible:opacity-100 group-hover:opacity-100"
            // The selection would be gone with the focus.
            onMouseDown={(event) => event.preventDefault()}
            onClick={(event) => {
              opener.current = event.currentTarget;
              const piece = event.currentTarget.parentElement;
              const selected = piece === null ? "" : selectedIn(piece);
              onOpen({ index, quote: selected === "" ? block.trim() : selected, text: "" });
            }}
          >
            <MessageSquarePlusIcon />
          </Button>
          {open?.index === index && (
            <CommentForm
              comment={open}
              onChange={(text) => onOpen({ ...open, text })}
              onAdd={() => {
                onAdd();
                opener.current?.focus();
              }}
              onCancel={() => {
                onOpen(null);
                opener.current?.focus();
              }}
            />
          )}
        </div>
      ))}
    </div>
  );
}

function Comments({
  comments,
  onRemove,
}: {
  comments: readonly PlanComment[];
  onRemove(index: number): void;
}) {
  if (comments.length === 0) return null;
  return (
    <ul aria-label="Comments" className="flex flex-col gap-1">
      {comments.map(({ quote, text }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two comments may be alike
        <li key={index} className="flex items-start gap-2 rounded-md border bg-background px-2 py-1 text-xs">
          <span className="min-w-0 flex-1">
            <span className="line-clamp-1 text-muted-foreground">{quote}</span>
            {text}
          </span>
          <Button
            variant="quiet"
            size="icon-sm"
            aria-label={`Remove comment: ${text}`}
            onClick={() => onRemove(index)}
          >
            <XIcon />
          </Button>
        </li>
      ))}
    </ul>
  );
}

function ModeChoice({
  modes,
  chosen,
  onChoose,
}: {
  modes: readonly PermissionMode[];
  chosen: PermissionMode | undefined;
  onChoose(mode: PermissionMode): void;
}) {
  const name = useId();
  return (
    <fieldset className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs">
      <legend className="float-left mr-3 font-medium">Then</legend>
      {modes.map((mode) => (
        <label key={mode} title={modeTexts[mode].about} className="flex cursor-pointer items-center gap-1.5">
          <input
            type="radio"
            name={name}
            checked={mode === chosen}
            onChange={() => onChoose(mode)}
            className="accent-[var(--primary)]"
          />
          {modeTexts[mode].label}
        </label>
      ))}
    </fieldset>
  );
}

const approveWord = (commented: boolean, changed: boolean) =>
  commented ? "Approve with comments" : changed ? "Approve as changed" : "Approve";

/** A plan that waits: read, comment on it, change it, and approve it into a mode or send it back. */
export function PlanReview({ question, plan }: { question: PermissionQuestion; plan: string }) {
  const { permissionModes } = usePane();
  const { answer, busy } = useAnswer(question);
  const modes = modesAfterPlan.filter((mode) => permissionModes.includes(mode));
  const [mode, setMode] = useRowState<PermissionMode | undefined>(`mode ${question.requestId}`, modes[0]);
  const [comments, setComments] = useRowState<readonly PlanComment[]>(`comments ${question.requestId}`, []);
  const [changed, setChanged] = useRowState<string | null>(`plan ${question.requestId}`, null);
  const [open, setOpen] = useRowState<OpenComment | null>(`comment ${question.requestId}`, null);
  const [note, setNote] = useRowState(`note ${question.requestId}`, "");
  // One that was written and not added is meant, too.
  const all = open === null || open.text.trim() === "" ? comments : [...comments, open];
  const said = planMessage(all, note);
  const approved = planWith(changed ?? plan, said);
  const keepComment = () => {
    setComments(all);
    setOpen(null);
  };
  const approve = () =>
    answer("allow", {
      ...(mode === undefined ? {} : { mode }),
      ...(approved === plan ? {} : { input: { ...question.input, plan: approved } }),
    });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would not take part in the layout
    <div
      id={`question-${question.requestId}`}
      role="group"
      tabIndex={-1}
      aria-label="Claude's plan waits for your decision"
      className="outline-none focus-visible:ring-2 focus-visible:ring-ring"
    >
      {changed === null ? (
        <CommentedPlan
          plan={plan}
          open={open}
          onOpen={(next) => {
            if (next !== null && next.index !== open?.index) setComments(all);
            setOpen(next);
          }}
          onAdd={keepComment}
        />
      ) : (
        <Textarea
          aria-label="The plan's text"
          rows={14}
          value={changed}
          onChange={(event) => setChanged(event.target.value)}
          className="claude-mono rounded-none border-0 text-xs max-sm:text-base"
        />
      )}
      <div className="flex flex-col gap-2 border-t bg-warning-soft/60 p-2.5">
        <Comments
          comments={comments}
          onRemove={(index) => setComments(comments.filter((_, other) => other !== index))}
        />
        <ModeChoice modes={modes} chosen={mode} onChoose={setMode} />
        <div className="flex flex-wrap items-center gap-1.5">
          <Button
            variant="primary"
            size="sm"
            disabled={busy || mode === undefined}
            onClick={() => void approve()}
            {...answerKey("allow", "y")}
          >
            {approveWord(said !== "", changed !== null && changed !== plan)}
            <KeyCap letter="Y" />
          </Button>
          <Button
            size="sm"
            disabled={busy}
            onClick={() => void answer("deny", said === "" ? {} : { message: said })}
            {...answerKey("deny", "n")}
          >
            Keep planning
            <KeyCap letter="N" />
          </Button>
          <Button
            size="sm"
            variant="quiet"
            disabled={busy}
            onClick={() => {
              keepComment();
              setChanged(changed === null ? plan : null);
            }}
            {...answerKey("edit", "e")}
          >
            {changed === null ? "Edit" : "Discard changes"}
            <KeyCap letter="E" />
          </Button>
          <Textarea
            aria-label="What Claude should think of"
            placeholder="What Claude should think of besides"
            rows={1}
            value={note}
            onChange={(event) => setNote(event.target.value)}
            className="min-w-40 flex-1 text-xs max-sm:text-base"
          />
        </div>
        <KeysHint />
      </div>
    </div>
  );
}
