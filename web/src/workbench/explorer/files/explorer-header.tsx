"use client";

import { ChevronsDownUpIcon, FilePlusIcon, FolderPlusIcon, RefreshCwIcon, UploadIcon } from "lucide-react";
import { Button } from "../../../components/ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "../../../components/ui/dropdown-menu.tsx";
import { Tooltip } from "../../../components/ui/tooltip.tsx";
import type { ExplorerModel } from "../tree/use-explorer.ts";
import { useUploads } from "../upload/upload-context.ts";

function UploadButton({ model }: { model: ExplorerModel }) {
  const uploads = useUploads();
  const choose = (what: "files" | "folder") =>
    uploads.choose(what, model.directoryOf(model.selection.focused));
  return (
    <DropdownMenu>
      <Tooltip label="Upload">
        <DropdownMenuTrigger asChild>
          <Button
            variant="quiet"
            size="icon-sm"
            className="pointer-coarse:size-9"
            aria-label="Upload"
            disabled={!model.writable}
          >
            <UploadIcon />
          </Button>
        </DropdownMenuTrigger>
      </Tooltip>
      <DropdownMenuContent align="end">
        <DropdownMenuItem onSelect={() => choose("files")}>Upload files…</DropdownMenuItem>
        <DropdownMenuItem onSelect={() => choose("folder")}>Upload a folder…</DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

/** What one can do with the workspace as a whole. Viewers see what only looks. */
export function ExplorerHeader({ model }: { model: ExplorerModel }) {
  const { session, files, reachable, writable } = model;
  const looksOnly = session !== null && !session.abilities.includes("session.use");
  const action = (label: string, Icon: typeof FilePlusIcon, enabled: boolean, run: () => void) => (
    <Tooltip label={label}>
      <Button
        variant="quiet"
        size="icon-sm"
        className="pointer-coarse:size-9"
        aria-label={label}
        disabled={!enabled}
        onClick={run}
      >
        <Icon />
      </Button>
    </Tooltip>
  );
  return (
    <div className="flex h-7 shrink-0 items-center gap-0.5 pr-1 pl-3 pointer-coarse:h-10">
      <h2 className="mr-auto min-w-0 truncate font-semibold text-[11px] text-muted-foreground uppercase tracking-wide">
        Workspace{looksOnly && <span className="font-normal normal-case"> (read only)</span>}
      </h2>
      {!looksOnly && (
        <>
          {action("New file", FilePlusIcon, writable, () => model.startDraft("file"))}
          {action("New folder", FolderPlusIcon, writable, () => model.startDraft("directory"))}
          <UploadButton model={model} />
        </>
      )}
      {action("Refresh", RefreshCwIcon, reachable, () => void files.refreshAll())}
      {action("Collapse all folders", ChevronsDownUpIcon, true, () => files.collapseAll())}
    </div>
  );
}
