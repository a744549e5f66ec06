"use client";

import { AtSignIcon, ImageIcon, ListTodoIcon, PlusIcon, TextSelectIcon } from "lucide-react";
import { useRef } from "react";
import { Button } from "../../components/ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "../../components/ui/dropdown-menu.tsx";
import { Tooltip } from "../../components/ui/tooltip.tsx";
import type { EditorSelection } from "../../workbench/store.ts";

const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);

/** What can be added to a message, and the other way to send it. */
export function ComposerMenu({
  selection,
  canRun,
  onMention,
  onFiles,
  onAttachSelection,
  onRunAsTask,
}: {
  selection: EditorSelection | null;
  canRun: boolean;
  onMention(): void;
  onFiles(files: readonly File[]): void;
  onAttachSelection(): void;
  onRunAsTask(): void;
}) {
  const picker = useRef<HTMLInputElement>(null);
  const lines = selection && `${nameOf(selection.path)}:${selection.startLine}–${selection.endLine}`;
  return (
    <>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label="Files to attach"
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          // The same file once more is a change again.
          event.target.value = "";
        }}
      />
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button variant="quiet" size="icon-sm" aria-label="Add to message" className="size-7">
            <PlusIcon className="size-4" />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent side="top" onCloseAutoFocus={(event) => event.preventDefault()}>
          <DropdownMenuItem onSelect={() => picker.current?.click()}>
            <ImageIcon /> Attach images or files…
          </DropdownMenuItem>
          <DropdownMenuItem onSelect={onMention}>
            <AtSignIcon /> Mention a file
          </DropdownMenuItem>
          <DropdownMenuItem disabled={selection === null} onSelect={onAttachSelection}>
            <TextSelectIcon /> {lines === null ? "Attach the editor's selection" : `Attach ${lines}`}
          </DropdownMenuItem>
          <DropdownMenuSeparator />
          <DropdownMenuItem disabled={!canRun} onSelect={onRunAsTask}>
            <ListTodoIcon /> Run as background task
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      {lines !== null && (
        <Tooltip label={`Attach ${lines}`} side="top">
          <Button
            variant="quiet"
            size="icon-sm"
            aria-label={`Attach ${lines}`}
            className="size-7"
            onClick={onAttachSelection}
          >
            <TextSelectIcon className="size-4" />
          </Button>
        </Tooltip>
      )}
    </>
  );
}
