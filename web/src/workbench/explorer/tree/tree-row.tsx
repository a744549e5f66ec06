"use client";

import { ChevronRightIcon, FolderIcon, FolderOpenIcon, Link2Icon } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "../../../lib/utils.ts";
import type { Decoration } from "./decorations.ts";
import { FileTypeMark } from "./file-icon.tsx";
import type { Row } from "./tree-model.ts";

export type EntryRow = Extract<Row, { kind: "entry" }>;

/** Lines that lead the eye from a folder to what is in it, and the room that deeper levels leave. */
export function Indent({ level }: { level: number }) {
  return (
    <span aria-hidden className="flex h-full shrink-0">
      {Array.from({ length: level - 1 }, (_, index) => index).map((step) => (
        <span key={step} className="h-full w-2.5 shrink-0 translate-x-2 border-l pointer-coarse:w-4" />
      ))}
    </span>
  );
}

/** The chevron and the sign before a name. */
export function EntrySign({ row }: { row: EntryRow }) {
  const { entry, expanded } = row;
  if (expanded === null) {
    return (
      <>
        <span className="w-4 shrink-0" aria-hidden />
        <FileTypeMark name={entry.name} type={entry.type} />
      </>
    );
  }
  const Folder = expanded ? FolderOpenIcon : FolderIcon;
  return (
    <>
      <ChevronRightIcon
        aria-hidden
        className={cn("size-4 shrink-0 text-muted-foreground", expanded && "rotate-90")}
      />
      <Folder className="size-3.5 shrink-0 fill-clay-soft text-clay" aria-hidden />
    </>
  );
}

function GitMark({ decoration, folder }: { decoration: Decoration; folder: boolean }) {
  return (
    <span
      className={cn("ml-auto shrink-0 pr-2 pl-1 text-[11px]", decoration.className)}
      title={folder ? `Contains changes (${decoration.label.toLowerCase()})` : decoration.label}
    >
      <span aria-hidden>{folder ? "●" : decoration.letter}</span>
    </span>
  );
}

interface TreeRowProps {
  row: EntryRow;
  id: string;
  decoration: Decoration | null;
  selected: boolean;
  /** Has the keyboard's focus while the tree has it. */
  focused: boolean;
  /** What is dragged would drop into the folder that this line belongs to. */
  dropping: boolean;
  unsaved: boolean;
  draggable: boolean;
  /** In place of the name. */
  field: ReactNode | null;
}

/** One file or folder. The tree around it takes its clicks and keys. */
export function TreeRow(props: TreeRowProps) {
  const { row, id, decoration, selected, focused, dropping, unsaved, field } = props;
  const { entry, level, expanded, position, setSize, path } = row;
  const folder = expanded !== null;
  const words = [entry.name, decoration?.label, entry.ignored && "ignored", unsaved && "unsaved"];
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus and names its active line
    <div
      id={id}
      role="treeitem"
      aria-label={words.filter(Boolean).join(", ")}
      aria-level={level}
      aria-posinset={position}
      aria-setsize={setSize}
      aria-selected={selected}
      {...(expanded === null ? {} : { "aria-expanded": expanded })}
      data-path={path}
      draggable={props.draggable && field === null}
      title={entry.symlink ? `${path} (a link)` : path}
      className={cn(
        "flex size-full cursor-pointer items-center gap-1 pl-1 hover:bg-hover",
        selected && "bg-selected hover:bg-selected",
        focused &&
          "group-focus/tree:outline group-focus/tree:outline-1 group-focus/tree:outline-ring group-focus/tree:-outline-offset-1",
        dropping && "bg-clay-soft hover:bg-clay-soft",
      )}
    >
      <Indent level={level} />
      <EntrySign row={row} />
      {field ?? (
        <span
          className={cn(
            "ml-0.5 min-w-0 truncate",
            decoration?.className,
            entry.ignored && "text-muted-foreground opacity-75",
            decoration?.status === "deleted" && !folder && "line-through",
          )}
        >
          {entry.name}
        </span>
      )}
      {entry.symlink && field === null && (
        <Link2Icon className="size-3 shrink-0 text-muted-foreground" aria-hidden />
      )}
      {unsaved && field === null && (
        <span className="shrink-0 text-clay" aria-hidden>
          ●
        </span>
      )}
      {decoration !== null && field === null && <GitMark decoration={decoration} folder={folder} />}
    </div>
  );
}
