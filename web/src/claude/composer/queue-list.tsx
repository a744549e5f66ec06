"use client";

import type { CommandType, Payload, PromptQueue, QueuedPrompt } from "@remote-claude/protocol";
import { ArrowDownIcon, ArrowUpIcon, PencilIcon, PlayIcon, XIcon } from "lucide-react";
import { type KeyboardEvent, type MouseEvent, memo, type ReactNode, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { useCurrentUser } from "../../lib/current-user.tsx";
import { messageOf } from "../../lib/errors.ts";
import { focusAtEnd } from "../../lib/focus-at-end.ts";
import { live } from "../../lib/live.ts";
import { toast } from "../../lib/toast.ts";
import { focusPane } from "../../workbench/store.ts";
import { usePane } from "../pane-context.tsx";

type QueueCommand = Extract<
  CommandType,
  "chat.edit-queued" | "chat.remove-queued" | "chat.move-queued" | "chat.release-queue"
>;

/** Changes the queue; what comes of it comes back as an entry, to every page alike. */
function useQueueCommands() {
  const { sessionId, conversationId } = usePane();
  return async <Type extends QueueCommand>(type: Type, payload: Omit<Payload<Type>, "conversationId">) => {
    try {
      await live.command(type, sessionId, { ...payload, conversationId } as Payload<Type>);
      return true;
    } catch (error) {
      toast.error(messageOf(error));
      return false;
    }
  };
}

function heading({ prompts, held }: PromptQueue, userId: string): string {
  const count = prompts.length === 1 ? "1 message" : `${prompts.length} messages`;
  if (held === null) return `${count} next`;
  if (held.because === "budget") return `${count} held: the conversation's budget is used up`;
  if (held.because === "failed") return `${count} held: the turn before failed`;
  if (held.because === "restarted") return `${count} held: the session was restarted`;
  return `${count} held: ${held.by?.id === userId ? "you" : (held.by?.name ?? "somebody")} pressed Stop`;
}

/** What waits for Claude, above the text box: it can be changed until Claude begins with it. */
export const QueueList = memo(function QueueList({
  queue,
  canUse,
  disabled,
}: {
  queue: PromptQueue;
  canUse: boolean;
  disabled: boolean;
}) {
  const change = useQueueCommands();
  const user = useCurrentUser();
  const { prompts, held } = queue;
  if (prompts.length === 0) return null;
  return (
    <section
      aria-label="Messages that wait"
      className="mx-auto w-full max-w-3xl px-3 pb-1.5"
      data-testid="prompt-queue"
    >
      <div className="rounded-xl border bg-surface">
        <div className="flex min-h-8 items-center gap-2 px-3 py-1 text-muted-foreground text-xs">
          <p role="status" className="min-w-0 flex-1">
            {heading(queue, user.id)}
          </p>
          {held !== null && canUse && (
            <Button size="sm" disabled={disabled} onClick={() => void change("chat.release-queue", {})}>
              <PlayIcon className="size-3" /> Continue
            </Button>
          )}
        </div>
        <ol className="max-h-[30dvh] divide-y overflow-y-auto border-t">
          {prompts.map((prompt, index) => (
            <QueueRow
              key={prompt.messageId}
              prompt={prompt}
              canUse={canUse}
              disabled={disabled}
              onUp={
                index === 0
                  ? null
                  : () => {
                      const before = prompts[index - 1]?.messageId ?? null;
                      void change("chat.move-queued", { messageId: prompt.messageId, before });
                    }
              }
              onDown={
                index === prompts.length - 1
                  ? null
                  : () => {
                      const before = prompts[index + 2]?.messageId ?? null;
                      void change("chat.move-queued", { messageId: prompt.messageId, before });
                    }
              }
            />
          ))}
        </ol>
      </div>
    </section>
  );
});

const editMessage = "Edit message";
const removeMessage = "Remove message";

/** By keyboard one goes on with the next message when one's own goes, or else in the text box. */
function leaveRow({ currentTarget, detail }: MouseEvent<HTMLElement>): void {
  // A pressed pointer has no place that it could lose.
  if (detail !== 0) return;
  const row = currentTarget.closest("li");
  const next = row?.nextElementSibling ?? row?.previousElementSibling;
  const button = next?.querySelector<HTMLElement>(`button[aria-label="${removeMessage}"]`);
  if (button == null) focusPane("claude");
  else button.focus();
}

interface QueueRowProps {
  readonly prompt: QueuedPrompt;
  readonly canUse: boolean;
  readonly disabled: boolean;
  /** null: it is at that end already. */
  readonly onUp: (() => void) | null;
  readonly onDown: (() => void) | null;
}

function QueueRow({ prompt, canUse, disabled, onUp, onDown }: QueueRowProps) {
  const user = useCurrentUser();
  const change = useQueueCommands();
  const [editing, setEditing] = useState<boolean | null>(null);
  const { messageId, text, attachments, by } = prompt;
  if (editing === true) return <QueueEditor prompt={prompt} onClose={() => setEditing(false)} />;
  const act = (
    label: string,
    icon: ReactNode,
    run: ((event: MouseEvent<HTMLElement>) => void) | null,
    focused = false,
  ) => (
    <Button
      autoFocus={focused}
      variant="quiet"
      size="icon-sm"
      aria-label={label}
      title={label}
      disabled={disabled || run === null}
      onClick={(event) => run?.(event)}
      className="size-6 max-sm:size-8"
    >
      {icon}
    </Button>
  );
  return (
    <li className="flex items-center gap-1 py-1 pr-1.5 pl-3">
      <p className="min-w-0 flex-1 truncate text-[13px]" title={text}>
        {by.id !== user.id && <span className="text-muted-foreground">{by.name}: </span>}
        {text}
        {attachments.length > 0 && (
          <span className="text-muted-foreground">
            {text !== "" && " · "}
            {attachments.length} {attachments.length === 1 ? "file" : "files"}
          </span>
        )}
      </p>
      {canUse && (
        <>
          {act("Move up", <ArrowUpIcon className="size-3.5" />, onUp)}
          {act("Move down", <ArrowDownIcon className="size-3.5" />, onDown)}
          {/* Whoever has just edited it goes on from here. */}
          {act(editMessage, <PencilIcon className="size-3.5" />, () => setEditing(true), editing === false)}
          {act(removeMessage, <XIcon className="size-3.5" />, (event) => {
            leaveRow(event);
            void change("chat.remove-queued", { messageId });
          })}
        </>
      )}
    </li>
  );
}

function QueueEditor({ prompt, onClose }: { prompt: QueuedPrompt; onClose(): void }) {
  const change = useQueueCommands();
  const [text, setText] = useState(prompt.text);
  const save = async () => {
    const next = text.trim();
    if (next === "") return;
    const { messageId, attachments } = prompt;
    if (next === prompt.text || (await change("chat.edit-queued", { messageId, text: next, attachments })))
      onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") onClose();
    else if (event.key === "Enter" && !event.shiftKey) void save();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <li className="flex flex-col gap-1.5 p-2">
      <textarea
        ref={focusAtEnd}
        aria-label="Edit the message"
        rows={Math.min(8, text.split("\n").length + 1)}
        value={text}
        maxLength={200_000}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        className="w-full resize-none rounded-md border bg-background px-2 py-1.5 text-[13px] outline-none focus:border-ring max-sm:text-base"
      />
      <div className="flex justify-end gap-1.5">
        <Button size="sm" variant="quiet" onClick={onClose}>
          Cancel
        </Button>
        <Button size="sm" variant="primary" disabled={text.trim() === ""} onClick={() => void save()}>
          Save
        </Button>
      </div>
    </li>
  );
}
