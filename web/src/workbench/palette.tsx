"use client";

import { FileIcon } from "lucide-react";
import { useEffect, useState } from "react";
import {
  Command,
  CommandDialog,
  CommandEmpty,
  CommandInput,
  CommandItem,
  CommandList,
  CommandShortcut,
} from "../components/ui/command.tsx";
import { messageOf } from "../lib/errors.ts";
import { live } from "../lib/live.ts";
import { isMac, keysLabel, useCommands } from "./commands.ts";
import { openFile } from "./store.ts";

const close = () => useCommands.setState({ palette: null });

interface Found {
  paths: readonly string[];
  error: string | null;
}

/** Paths that fit the query; null until the first answer. Answers to older queries are dropped. */
function useFoundFiles(sessionId: string, query: string): Found | null {
  const [found, setFound] = useState<Found | null>(null);
  useEffect(() => {
    let current = true;
    live.command("file.find", sessionId, { query, limit: 60 }, { offline: "fail" }).then(
      ({ paths }) => current && setFound({ paths, error: null }),
      (error: unknown) => current && setFound({ paths: [], error: messageOf(error) }),
    );
    return () => {
      current = false;
    };
  }, [sessionId, query]);
  return found;
}

function FileList({ sessionId, query }: { sessionId: string; query: string }) {
  // "src/app.ts:42" opens at line 42.
  const [, name = "", line] = /^(.*?)(?::(\d*))?$/.exec(query) ?? [];
  const found = useFoundFiles(sessionId, name);
  if (found === null) return null;
  return (
    <>
      <CommandEmpty>{found.error ?? "No file has such a name."}</CommandEmpty>
      {found.paths.map((path) => {
        const cut = path.lastIndexOf("/") + 1;
        return (
          <CommandItem
            key={path}
            value={path}
            onSelect={() => {
              close();
              openFile(path, line ? { line: Number(line) } : {});
            }}
          >
            <FileIcon className="size-4 shrink-0 text-muted-foreground" aria-hidden />
            <span className="shrink-0">{path.slice(cut)}</span>
            <span className="truncate text-muted-foreground text-xs">
              {path.slice(0, Math.max(0, cut - 1))}
            </span>
          </CommandItem>
        );
      })}
    </>
  );
}

function CommandItems() {
  const commands = useCommands((state) => state.commands);
  const mac = isMac();
  return (
    <>
      <CommandEmpty>No command has such a name.</CommandEmpty>
      {[...commands.values()]
        .filter(({ id }) => id !== "palette.open")
        .sort((a, b) => a.title.localeCompare(b.title))
        .map(({ id, title, keys, run }) => (
          <CommandItem
            key={id}
            value={`${title} ${id}`}
            onSelect={() => {
              close();
              // After the dialog has given the focus back, or it would take it from the pane.
              setTimeout(() => void run());
            }}
          >
            {title}
            {keys !== undefined && <CommandShortcut>{keysLabel(keys, mac)}</CommandShortcut>}
          </CommandItem>
        ))}
    </>
  );
}

/** Go to file; and, with `>` before, all commands: one field, as people know it. */
export function Palette({ sessionId }: { sessionId: string }) {
  const palette = useCommands((state) => state.palette);
  const [text, setText] = useState("");
  useEffect(() => {
    if (palette !== null) setText(palette === "commands" ? ">" : "");
  }, [palette]);
  const commands = text.startsWith(">");
  return (
    <CommandDialog
      title="Go to file or command"
      open={palette !== null}
      onOpenChange={(open) => !open && close()}
    >
      {/* Two lists: one is filtered here, the other by the session. */}
      <Command key={commands ? "commands" : "files"} shouldFilter={commands} filter={matchCommand} loop>
        <CommandInput
          autoFocus
          aria-label="Go to file or command"
          placeholder="Search files by name, or > for commands"
          value={text}
          onValueChange={setText}
        />
        <CommandList>
          {commands ? <CommandItems /> : palette !== null && <FileList sessionId={sessionId} query={text} />}
        </CommandList>
      </Command>
    </CommandDialog>
  );
}

/** Every word of the search somewhere in the title; the `>` before it does not count. */
function matchCommand(value: string, search: string): number {
  const words = search.replace(/^>/, "").toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => value.toLowerCase().includes(word)) ? 1 : 0;
}
