"use client";

import type { ChangedFile } from "@remote-claude/protocol";
import {
  CheckCheckIcon,
  ChevronDownIcon,
  ChevronUpIcon,
  Columns2Icon,
  FileCodeIcon,
  Rows2Icon,
  SendIcon,
  Undo2Icon,
  XIcon,
} from "lucide-react";
import { Button } from "../../components/ui/button.tsx";
import { Tooltip } from "../../components/ui/tooltip.tsx";
import { isMac, keysLabel } from "../commands.ts";
import { focusPane } from "../store.ts";
import { useChangesStore } from "./changes-store.ts";
import { LineCounts } from "./line-counts.tsx";

interface ReviewHeaderProps {
  readonly file: ChangedFile;
  /** The versions are the same by now; the file's counts are those of before. */
  readonly same: boolean;
  readonly hunks: number;
  readonly accepted: number;
  readonly active: number;
  readonly sideBySide: boolean;
  readonly canRevert: boolean;
  readonly canOpen: boolean;
  readonly busy: boolean;
  onStep(by: 1 | -1): void;
  onAcceptAll(): void;
  onRevertFile(): void;
  onSideBySide(): void;
  onOpenFile(): void;
  onClose(): void;
}

function Act({
  label,
  keys,
  disabled = false,
  onClick,
  children,
}: {
  label: string;
  keys?: string;
  disabled?: boolean;
  onClick(): void;
  children: React.ReactNode;
}) {
  return (
    <Tooltip label={label} {...(keys === undefined ? {} : { keys: keysLabel(keys, isMac()) })}>
      <Button
        variant="quiet"
        size="icon-sm"
        className="pointer-coarse:size-9"
        aria-label={label}
        disabled={disabled}
        onClick={onClick}
      >
        {children}
      </Button>
    </Tooltip>
  );
}

/** On a phone the comments, with the button that sends them, lie in another pane: the way there. */
function ToComments() {
  const count = useChangesStore((state) => state.comments.length);
  if (count === 0) return null;
  return (
    <span className="contents md:hidden">
      <Act
        label={count === 1 ? "1 comment to send to Claude" : `${count} comments to send to Claude`}
        onClick={() => focusPane("explorer")}
      >
        <SendIcon className="text-clay" />
      </Act>
    </span>
  );
}

/** The file, how far one has come with it, and what can be done with all of it. */
export function ReviewHeader(props: ReviewHeaderProps) {
  const { file, hunks, accepted, active } = props;
  const cut = file.path.lastIndexOf("/") + 1;
  return (
    <div className="flex min-h-8 shrink-0 items-center gap-1 border-b bg-background px-2 text-xs">
      <span className="min-w-0 flex-1 truncate pl-1" title={file.path}>
        <span className="font-medium">{file.path.slice(cut)}</span>{" "}
        <span className="text-muted-foreground">
          {file.from === null ? file.path.slice(0, Math.max(0, cut - 1)) : `was ${file.from}`}
        </span>
      </span>
      {!props.same && <LineCounts file={file} className="mr-1 hidden sm:flex" />}
      {hunks > 0 && (
        <>
          <span role="status" className="whitespace-nowrap text-muted-foreground tabular-nums">
            <span className="sr-only">Change </span>
            {active + 1}/{hunks}
            {accepted > 0 && <span className="text-success"> · {accepted} accepted</span>}
          </span>
          <Act label="Previous change" keys="Shift+Alt+F5" onClick={() => props.onStep(-1)}>
            <ChevronUpIcon />
          </Act>
          <Act label="Next change" keys="Alt+F5" onClick={() => props.onStep(1)}>
            <ChevronDownIcon />
          </Act>
          <Act
            label="Accept all changes of this file"
            disabled={accepted === hunks}
            onClick={props.onAcceptAll}
          >
            <CheckCheckIcon />
          </Act>
        </>
      )}
      <ToComments />
      {props.canRevert && (
        <Act label="Revert this file" disabled={props.busy} onClick={props.onRevertFile}>
          <Undo2Icon />
        </Act>
      )}
      <span className="hidden md:contents">
        <Act
          label={props.sideBySide ? "Show the versions in one column" : "Show the versions side by side"}
          onClick={props.onSideBySide}
        >
          {props.sideBySide ? <Rows2Icon /> : <Columns2Icon />}
        </Act>
      </span>
      {props.canOpen && (
        <Act label="Open the file" onClick={props.onOpenFile}>
          <FileCodeIcon />
        </Act>
      )}
      <Act label="Close the changes" keys="Alt+W" onClick={props.onClose}>
        <XIcon />
      </Act>
    </div>
  );
}
