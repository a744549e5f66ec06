"use client";

import { FileIcon } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
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
import { isMac, keysLabel, useCommands, type WorkbenchCommand } from "./commands.ts";
import { type Choice, fileQuery, highlighted, matchingCommands } from "./palette-results.ts";
import { ShortcutsDialog } from "./shortcuts-dialog.tsx";
import { openFile } from "./store.ts";

const close = () => useCommands.setState({ palette: null });

interface ListProps {
  text: string;
  onText: (text: string) => void;
  /** What the list shows, by value; a new array means new results. */
  results: readonly string[];
  /** Before the list acts on the key. */
  onKeyDown?: (event: KeyboardEvent) => void;
  children: ReactNode;
}

/**
 * The field and its results. Which one is highlighted is kept here: the list's own memory loses it when the
 * results change under it, and then Enter does nothing.
 */
function PaletteList({ text, onText, results, onKeyDown, children }: ListProps) {
  const [choice, setChoice] = useState<Choice | null>(null);
  const list = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new results are read from the top.
  useEffect(() => {
    // In braces: newer browsers answer with a promise, which is no way to end an effect.
    list.current?.scrollTo({ top: 0 });
  }, [results]);
  return (
    <Command
      shouldFilter={false}
      loop
      value={highlighted(results, choice)}
      onValueChange={(value) => setChoice({ among: results, value })}
      {...(onKeyDown === undefined ? {} : { onKeyDown })}
    >
      <CommandInput
        autoFocus
        aria-label="Go to file or command"
        placeholder="Search files by name, or > for commands"
        value={text}
        onValueChange={onText}
      />
      <CommandList ref={list}>{children}</CommandList>
    </Command>
  );
}

interface Found {
  /** The query that these answer. */
  query: string;
  paths: readonly string[];
  error: string | null;
}

/** Paths that fit the query; null until the first answer. Answers to older queries are dropped. */
function useFoundFiles(sessionId: string, query: string): Found | null {
  const [found, setFound] = useState<Found | null>(null);
  useEffect(() => {
    let current = true;
    live.command("file.find", sessionId, { query, limit: 60 }, { offline: "fail" }).then(
      ({ paths }) => current && setFound({ query, paths, error: null }),
      (error: unknown) => current && setFound({ query, paths: [], error: messageOf(error) }),
    );
    return () => {
      current = false;
    };
  }, [sessionId, query]);
  return found;
}

const nothing: readonly string[] = [];

interface FieldProps {
  text: string;
  onText: (text: string) => void;
}

function FilePalette({ sessionId, text, onText }: FieldProps & { sessionId: string }) {
  const { name, line } = fileQuery(text);
  const found = useFoundFiles(sessionId, name);
  // Enter came before the answer: it means the first of what comes, not what an older query found.
  const [entered, setEntered] = useState<string | null>(null);
  const open = (path: string) => {
    close();
    openFile(path, line === null ? {} : { line });
  };
  const first = entered === name && found?.query === name ? found.paths[0] : undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once per answer, with that drawing's line.
  useEffect(() => {
    if (first !== undefined) open(first);
  }, [first]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.nativeEvent.isComposing || found?.query === name) return;
    event.preventDefault();
    setEntered(name);
  };
  const change = (next: string) => {
    setEntered(null);
    onText(next);
  };
  return (
    <PaletteList text={text} onText={change} results={found?.paths ?? nothing} onKeyDown={onKeyDown}>
      {found !== null && <CommandEmpty>{found.error ?? "No file has such a name."}</CommandEmpty>}
      {found?.paths.map((path) => (
        <FileItem key={path} path={path} onSelect={() => open(path)} />
      ))}
    </PaletteList>
  );
}

function FileItem({ path, onSelect }: { path: string; onSelect: () => void }) {
  const cut = path.lastIndexOf("/") + 1;
  return (
    <CommandItem value={path} onSelect={onSelect}>
      <FileIcon className="size-4 shrink-0 text-muted-foreground" aria-hidden />
      <span className="shrink-0">{path.slice(cut)}</span>
      <span className="truncate text-muted-foreground text-xs">{path.slice(0, Math.max(0, cut - 1))}</span>
    </CommandItem>
  );
}

function choose({ run }: WorkbenchCommand): void {
  close();
  // After the dialog has given the focus back, or it would take it from the pane.
  setTimeout(() => void run());
}

function CommandPalette({ text, onText }: FieldProps) {
  const commands = useCommands((state) => state.commands);
  const matching = useMemo(() => matchingCommands(commands.values(), text), [commands, text]);
  const results = useMemo(() => matching.map(({ id }) => id), [matching]);
  const mac = isMac();
  return (
    <PaletteList text={text} onText={onText} results={results}>
      <CommandEmpty>No command has such a name.</CommandEmpty>
      {matching.map((command) => (
        <CommandItem key={command.id} value={command.id} onSelect={() => choose(command)}>
          {command.title}
          {command.keys !== undefined && <CommandShortcut>{keysLabel(command.keys, mac)}</CommandShortcut>}
        </CommandItem>
      ))}
    </PaletteList>
  );
}

/** Made anew at each opening, so that nothing of the last search is left. */
function PaletteContent({ sessionId, start }: { sessionId: string; start: string }) {
  const [text, setText] = useState(start);
  return text.startsWith(">") ? (
    <CommandPalette text={text} onText={setText} />
  ) : (
    <FilePalette sessionId={sessionId} text={text} onText={setText} />
  );
}

/** Go to file; and, with `>` before, all commands: one field, as people know it. */
export function Palette({ sessionId }: { sessionId: string }) {
  const palette = useCommands((state) => state.palette);
  return (
    <>
      <CommandDialog
        title="Go to file or command"
        open={palette !== null}
        onOpenChange={(open) => !open && close()}
      >
        {palette !== null && (
          <PaletteContent key={palette} sessionId={sessionId} start={palette === "commands" ? ">" : ""} />
        )}
      </CommandDialog>
      <ShortcutsDialog />
    </>
  );
}
