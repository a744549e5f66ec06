"use client";

import { CircleAlertIcon, LoaderCircleIcon, PaperclipIcon } from "lucide-react";
import { memo } from "react";
import { Button } from "../../components/ui/button.tsx";
import { useCurrentUser } from "../../lib/current-user.tsx";
import { cn } from "../../lib/utils.ts";
import { openFile } from "../../workbench/store.ts";
import { PromptActions } from "../going-back/prompt-actions.tsx";
import type { Attachments, PromptItem } from "../model/items.ts";
import { usePane } from "../pane-context.tsx";
import { CopyButton } from "./copy-button.tsx";
import { ImageThumbnail, isImagePath } from "./image-thumbnail.tsx";
import { useRowState } from "./row-memory.ts";

/** Longer prompts show their beginning. */
const shownLength = 1500;

export function AttachmentChip({
  attachment,
  onRemove,
}: {
  attachment: Attachments[number];
  onRemove?: () => void;
}) {
  const { path, lines } = attachment;
  const { sessionId, hasEditor } = usePane();
  const label =
    lines === undefined ? path : `${path}:${lines[0]}${lines[1] === lines[0] ? "" : `–${lines[1]}`}`;
  const chip = (
    <span className="inline-flex max-w-full items-center gap-1 rounded-md border bg-surface px-1.5 py-px text-[11px]">
      <PaperclipIcon aria-hidden className="size-3 shrink-0 text-muted-foreground" />
      <button
        type="button"
        disabled={!hasEditor}
        onClick={() => openFile(path, lines === undefined ? {} : { line: lines[0], endLine: lines[1] })}
        className="truncate enabled:hover:text-clay"
      >
        {label}
      </button>
      {onRemove !== undefined && (
        <button
          type="button"
          aria-label={`Remove ${label}`}
          onClick={onRemove}
          className="rounded-sm px-0.5 text-muted-foreground hover:text-foreground"
        >
          ×
        </button>
      )}
    </span>
  );
  if (!hasEditor || lines !== undefined || !isImagePath(path)) return chip;
  return (
    <span className="inline-flex max-w-full flex-col items-start gap-1">
      <ImageThumbnail sessionId={sessionId} path={path} />
      {chip}
    </span>
  );
}

function State({ item }: { item: PromptItem }) {
  const { reader } = usePane();
  if (item.state === "failed") {
    return (
      <div role="alert" className="mt-1 flex flex-wrap items-center gap-2 text-destructive text-xs">
        <CircleAlertIcon aria-hidden className="size-3.5 shrink-0" />
        <span className="min-w-0">Not sent: {item.error}</span>
        <Button size="sm" onClick={() => reader.resend(item.messageId)}>
          Retry
        </Button>
        <Button size="sm" variant="quiet" onClick={() => reader.discard(item.messageId)}>
          Discard
        </Button>
      </div>
    );
  }
  if (item.state === "done") return null;
  return (
    <p className="mt-1 flex items-center gap-1.5 text-[11px] text-muted-foreground">
      <LoaderCircleIcon aria-hidden className="size-3 animate-spin" />
      Sending…
    </p>
  );
}

/** What a person said. */
export const PromptMessage = memo(function PromptMessage({ item }: { item: PromptItem }) {
  const user = useCurrentUser();
  const [open, setOpen] = useRowState("prompt", false);
  const long = item.text.length > shownLength;
  return (
    <div className="group/prompt relative mt-3 mb-2">
      {item.by !== null && item.by.id !== user.id && (
        <p className="mb-1 text-[11px] text-muted-foreground">{item.by.name}</p>
      )}
      <div
        className={cn(
          "relative rounded-xl border bg-selected/60 px-3 py-2",
          item.state !== "done" && "border-dashed bg-selected/30",
        )}
      >
        {/* Where nothing hovers the buttons are always there: the text goes around them. */}
        {item.text !== "" && (
          <p className="whitespace-pre-wrap text-[13.5px] leading-relaxed [overflow-wrap:anywhere] [@media(hover:none)]:before:float-right [@media(hover:none)]:before:h-6 [@media(hover:none)]:before:w-12">
            {long && !open ? `${item.text.slice(0, shownLength)}…` : item.text}
          </p>
        )}
        {long && (
          <button
            type="button"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
            className="mt-1 text-[11px] text-muted-foreground hover:text-foreground"
          >
            {open ? "Show less" : "Show all"}
          </button>
        )}
        {item.attachments.length > 0 && (
          <div className={cn("flex flex-wrap gap-1", item.text !== "" && "mt-1.5")}>
            {item.attachments.map((attachment) => (
              <AttachmentChip key={`${attachment.path}:${attachment.lines}`} attachment={attachment} />
            ))}
          </div>
        )}
        <div className="absolute top-1 right-1 rounded-md bg-selected opacity-0 focus-within:opacity-100 group-hover/prompt:opacity-100 has-data-[state=open]:opacity-100 [@media(hover:none)]:opacity-100">
          {item.text !== "" && <CopyButton text={item.text} label="Copy message" />}
          <PromptActions item={item} />
        </div>
      </div>
      <State item={item} />
    </div>
  );
});
