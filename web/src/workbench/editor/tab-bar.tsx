"use client";

import { CircleIcon, XIcon } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { useStore } from "zustand";
import { Button } from "../../components/ui/button.tsx";
import {
  ContextMenu,
  ContextMenuContent,
  ContextMenuItem,
  ContextMenuSeparator,
  ContextMenuTrigger,
} from "../../components/ui/context-menu.tsx";
import { copyText } from "../../lib/copy-text.ts";
import { cn } from "../../lib/utils.ts";
import { useChangesStore } from "../changes/changes-store.ts";
import { ReviewTab } from "../changes/review-tab.tsx";
import { FileTypeMark } from "../explorer/tree/file-icon.tsx";
import type { EditorSession } from "./editor-session.ts";

const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);

/** The name, and the directory too where another tab has the same name. */
function labelOf(path: string, paths: readonly string[]): { name: string; directory: string | null } {
  const name = nameOf(path);
  const twins = paths.filter((other) => nameOf(other) === name);
  return { name, directory: twins.length > 1 ? path.slice(0, -name.length - 1) || "." : null };
}

function TabMenu({ editor, path }: { editor: EditorSession; path: string }) {
  const { paths, preview } = useStore(editor.store, ({ tabs }) => tabs);
  return (
    <ContextMenuContent>
      <ContextMenuItem onSelect={() => editor.close([path])}>Close</ContextMenuItem>
      <ContextMenuItem
        disabled={paths.length < 2}
        onSelect={() => editor.close(paths.filter((other) => other !== path))}
      >
        Close others
      </ContextMenuItem>
      <ContextMenuItem
        disabled={paths.at(-1) === path}
        onSelect={() => editor.close(paths.slice(paths.indexOf(path) + 1))}
      >
        Close to the right
      </ContextMenuItem>
      <ContextMenuItem onSelect={() => editor.close(paths)}>Close all</ContextMenuItem>
      <ContextMenuSeparator />
      {preview === path && <ContextMenuItem onSelect={() => editor.pin(path)}>Keep open</ContextMenuItem>}
      <ContextMenuItem onSelect={() => void copyText(path)}>Copy path</ContextMenuItem>
    </ContextMenuContent>
  );
}

function CloseMark({
  editor,
  path,
  name,
  dirty,
}: {
  editor: EditorSession;
  path: string;
  name: string;
  dirty: boolean;
}) {
  return (
    <Button
      variant="quiet"
      size="icon-sm"
      className="group/close mx-0.5 size-5"
      // For the pointer; a tab list holds nothing but tabs, which Delete closes.
      tabIndex={-1}
      aria-hidden
      title={`Close ${name}`}
      onClick={(event) => {
        event.stopPropagation();
        editor.close([path]);
      }}
    >
      {dirty && <CircleIcon className="size-2.5! fill-current group-hover/close:hidden" aria-hidden />}
      <XIcon
        className={cn(
          dirty
            ? "hidden group-hover/close:block"
            : "opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 group-data-active:opacity-100",
        )}
        aria-hidden
      />
    </Button>
  );
}

function Tab({ editor, path }: { editor: EditorSession; path: string }) {
  const tabs = useStore(editor.store, (state) => state.tabs);
  const state = useStore(editor.store, ({ documents }) => documents[path]?.state);
  const reviewing = useChangesStore((state) => state.shown);
  const active = tabs.active === path && !reviewing;
  const { name, directory } = labelOf(path, tabs.paths);
  const dirty = state?.dirty ?? false;
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) element.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [active]);
  return (
    <ContextMenu>
      <ContextMenuTrigger asChild>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: the pointer may hit the tab's edge; the keyboard has the tab itself */}
        <div
          ref={element}
          role="presentation"
          title={path}
          data-path={path}
          data-active={active || undefined}
          draggable
          onDragStart={(event) => event.dataTransfer.setData("application/x-remote-claude-tab", path)}
          onDragOver={(event) =>
            event.dataTransfer.types.includes("application/x-remote-claude-tab") && event.preventDefault()
          }
          onDrop={(event) => {
            const dragged = event.dataTransfer.getData("application/x-remote-claude-tab");
            if (dragged !== "") editor.move(dragged, path);
          }}
          className={cn(
            "group relative flex h-full shrink-0 cursor-pointer select-none items-center border-r bg-chrome text-[13px] text-muted-foreground",
            active &&
              "bg-background text-foreground after:absolute after:inset-x-0 after:top-0 after:h-0.5 after:bg-clay",
          )}
          // The middle button closes; without this it would scroll.
          onMouseDown={(event) => event.button === 1 && event.preventDefault()}
          onAuxClick={(event) => event.button === 1 && editor.close([path])}
          onClick={() => editor.activate(path)}
          onDoubleClick={() => editor.pin(path)}
        >
          <div
            role="tab"
            aria-selected={active}
            aria-label={`${name}${dirty ? ", unsaved" : ""}${state?.deleted ? ", deleted" : ""}`}
            tabIndex={active ? 0 : -1}
            className="flex h-full items-center gap-1.5 pl-3 outline-offset-[-2px]"
            onKeyDown={(event) => {
              if (event.key === "Enter") editor.activate(path);
              if (event.key === "Delete") editor.close([path]);
            }}
          >
            <FileTypeMark name={name} type="file" />
            <span
              className={cn(tabs.preview === path && "italic", state?.deleted && "line-through opacity-70")}
            >
              {name}
            </span>
            {directory !== null && <span className="text-[11px] opacity-70">{directory}</span>}
          </div>
          <CloseMark editor={editor} path={path} name={name} dirty={dirty} />
        </div>
      </ContextMenuTrigger>
      <TabMenu editor={editor} path={path} />
    </ContextMenu>
  );
}

/** The open files. */
export function EditorTabs({ editor }: { editor: EditorSession }) {
  const { paths, active } = useStore(editor.store, ({ tabs }) => tabs);
  const reviewed = useChangesStore((state) => state.review !== null);
  if (paths.length === 0 && !reviewed) return null;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0 || active === null) return;
    const next = paths[(paths.indexOf(active) + step + paths.length) % paths.length];
    if (next === undefined) return;
    editor.activate(next);
    const row = event.currentTarget;
    requestAnimationFrame(() => row.querySelector<HTMLElement>("[aria-selected=true]")?.focus());
  };
  return (
    <div
      role="tablist"
      aria-label="Open files"
      className="flex h-9 shrink-0 overflow-x-auto border-b bg-chrome [scrollbar-width:none]"
      onWheel={(event) => {
        if (event.deltaX === 0) event.currentTarget.scrollLeft += event.deltaY;
      }}
      onKeyDown={onKeyDown}
    >
      {paths.map((path) => (
        <Tab key={path} editor={editor} path={path} />
      ))}
      <ReviewTab />
    </div>
  );
}
