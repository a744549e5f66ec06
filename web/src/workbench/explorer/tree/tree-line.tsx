"use client";

import { FolderIcon } from "lucide-react";
import { cn } from "../../../lib/utils.ts";
import { useWorkbench } from "../../store.ts";
import { useCoarsePointer } from "../use-coarse-pointer.ts";
import { FileTypeMark } from "./file-icon.tsx";
import { NameField } from "./name-field.tsx";
import { isWithin, parentOf } from "./paths.ts";
import type { Row } from "./tree-model.ts";
import { type EntryRow, Indent, TreeRow } from "./tree-row.tsx";
import type { ExplorerModel } from "./use-explorer.ts";

const siblingsIn = (model: ExplorerModel, directory: string) =>
  model.tree.directories.get(directory)?.entries.map(({ name }) => name) ?? [];

function DraftRow({ row, model }: { row: Extract<Row, { kind: "draft" }>; model: ExplorerModel }) {
  return (
    <div className="flex size-full items-center gap-1 pr-2 pl-1">
      <Indent level={row.level} />
      <span className="w-4 shrink-0" />
      {row.type === "file" ? (
        <FileTypeMark name="" type="file" />
      ) : (
        <FolderIcon className="size-3.5 shrink-0 fill-clay-soft text-clay" aria-hidden />
      )}
      <NameField
        label={row.type === "file" ? "Name of the new file" : "Name of the new folder"}
        initial=""
        type={row.type}
        siblings={siblingsIn(model, row.directory)}
        nested
        onSubmit={model.submitDraft}
        onCancel={model.cancelNaming}
      />
    </div>
  );
}

function renameField(row: EntryRow, model: ExplorerModel) {
  if (model.renaming !== row.path) return null;
  return (
    <NameField
      label={`New name of ${row.entry.name}`}
      initial={row.entry.name}
      type={row.entry.type}
      siblings={siblingsIn(model, parentOf(row.path))}
      nested={false}
      onSubmit={model.submitRename}
      onCancel={model.cancelNaming}
    />
  );
}

function NoteRow({ row }: { row: Extract<Row, { kind: "note" }> }) {
  return (
    <p
      title={row.text}
      className={cn(
        "flex h-full items-center gap-1 truncate pl-6 text-xs italic",
        row.tone === "error" ? "text-destructive" : "text-muted-foreground",
      )}
    >
      <Indent level={row.level} />
      <span className="truncate">{row.text}</span>
    </p>
  );
}

interface TreeLineProps {
  row: Row;
  id: string;
  model: ExplorerModel;
  /** The folder that what is dragged would drop into. */
  dropTarget: string | null;
}

/** One line of the tree, whatever it holds. */
export function TreeLine({ row, id, model, dropTarget }: TreeLineProps) {
  const { decorations, selection } = model;
  const coarse = useCoarsePointer();
  const unsaved = useWorkbench((state) => row.kind === "entry" && state.dirtyFiles.includes(row.path));
  if (row.kind === "draft") return <DraftRow row={row} model={model} />;
  if (row.kind === "note") return <NoteRow row={row} />;
  return (
    <TreeRow
      row={row}
      id={id}
      decoration={row.expanded === null ? decorations.of(row.path) : decorations.inside(row.path)}
      selected={selection.paths.has(row.path)}
      focused={selection.focused === row.path}
      dropping={dropTarget !== null && dropTarget !== "" && isWithin(row.path, dropTarget)}
      unsaved={unsaved}
      field={renameField(row, model)}
      draggable={!coarse}
    />
  );
}
