"use client";

import { FileDiffIcon, FilesIcon, SearchIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { Tooltip } from "../../components/ui/tooltip.tsx";
import { cn } from "../../lib/utils.ts";
import { ChangesCount } from "../changes/changes-count.tsx";
import { ChangesView } from "../changes/changes-view.tsx";
import { isMac, keysLabel, useCommand } from "../commands.ts";
import { focusPane, registerFocus, useWorkbench } from "../store.ts";
import { FilesView } from "./files/files-view.tsx";
import { useQuestion } from "./question-dialog.tsx";
import { SearchView } from "./search/search-view.tsx";
import { type ExplorerModel, useExplorer } from "./tree/use-explorer.ts";
import { type Uploads, UploadsContext } from "./upload/upload-context.ts";
import { useUploadStarter } from "./upload/use-upload-starter.ts";

const views = [
  { id: "files", label: "Files", keys: "Mod+Shift+E", Icon: FilesIcon },
  { id: "search", label: "Search", keys: "Mod+Shift+F", Icon: SearchIcon },
  { id: "changes", label: "Changes", keys: "Mod+Shift+G", Icon: FileDiffIcon },
] as const;
type View = (typeof views)[number]["id"];

const focusTargets: Record<View, string> = {
  files: "[data-explorer-tree]",
  search: "[data-explorer-search]",
  changes: "[data-changes-tree]",
};

function focusView(view: View): void {
  const element = document.querySelector<HTMLElement>(focusTargets[view]);
  element?.focus();
  if (element instanceof HTMLInputElement) element.select();
}

/** What the palette and the keyboard can do with files. */
function useExplorerCommands(model: ExplorerModel, uploads: Uploads, show: (view: View) => void): void {
  const inFiles = (run: () => void) => () => {
    show("files");
    run();
  };
  const here = () => model.directoryOf(model.selection.focused);
  useCommand({
    id: "explorer.focus",
    title: "View: Go to the explorer",
    keys: "Mod+Shift+E",
    run: () => show("files"),
  });
  useCommand({
    id: "search.focus",
    title: "Search: Find in files",
    keys: "Mod+Shift+F",
    run: () => show("search"),
  });
  useCommand({
    id: "explorer.new-file",
    title: "File: New file…",
    run: inFiles(() => model.writable && model.startDraft("file")),
  });
  useCommand({
    id: "explorer.new-folder",
    title: "File: New folder…",
    run: inFiles(() => model.writable && model.startDraft("directory")),
  });
  useCommand({
    id: "explorer.upload",
    title: "File: Upload files…",
    run: () => {
      if (model.writable) uploads.choose("files", here());
    },
  });
  useCommand({
    id: "explorer.refresh",
    title: "Explorer: Refresh",
    run: () => model.files.refreshAll(),
  });
  useCommand({
    id: "explorer.collapse-all",
    title: "Explorer: Collapse all folders",
    run: () => model.files.collapseAll(),
  });
  useCommand({
    id: "explorer.reveal-active",
    title: "Explorer: Show the active file",
    run: inFiles(() => {
      const { activeFile } = useWorkbench.getState();
      if (activeFile !== null) void model.reveal(activeFile, true);
    }),
  });
}

function ViewTabs({ view, onView }: { view: View; onView(view: View): void }) {
  return (
    <div
      role="tablist"
      aria-label="Explorer"
      className="@container flex h-9 shrink-0 items-stretch pointer-coarse:h-11 overflow-hidden border-b bg-chrome px-1"
    >
      {views.map(({ id, label, keys, Icon }) => (
        <Tooltip key={id} label={label} keys={keysLabel(keys, isMac())}>
          <button
            type="button"
            role="tab"
            id={`explorer-tab-${id}`}
            aria-selected={view === id}
            aria-controls={`explorer-view-${id}`}
            tabIndex={view === id ? 0 : -1}
            onClick={() => onView(id)}
            onKeyDown={(event) => {
              if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
              const step = event.key === "ArrowRight" ? 1 : -1;
              const at = views.findIndex((other) => other.id === id) + step;
              const other = views[(at + views.length) % views.length]?.id ?? id;
              onView(other);
              document.getElementById(`explorer-tab-${other}`)?.focus();
            }}
            className={cn(
              "relative flex items-center gap-1.5 px-2.5 text-muted-foreground text-xs outline-offset-[-2px] hover:text-foreground",
              view === id &&
                "text-foreground after:absolute after:inset-x-1.5 after:bottom-0 after:h-0.5 after:bg-clay",
            )}
          >
            <Icon className="hidden size-3.5 @min-[19rem]:block" aria-hidden />
            {label}
            {id === "changes" && <ChangesCount />}
          </button>
        </Tooltip>
      ))}
    </div>
  );
}

/** What the workbench shows in the landmark "Explorer", which its frame draws. */
export function Explorer({ sessionId }: { sessionId: string }) {
  const [view, setView] = useState<View>("files");
  const [ask, dialog] = useQuestion();
  const model = useExplorer(sessionId, ask);
  const uploads = useUploadStarter(model, ask);
  useEffect(() => registerFocus("explorer", () => focusView(view)), [view]);
  const show = (wanted: View) => {
    setView(wanted);
    focusPane("explorer");
    requestAnimationFrame(() => requestAnimationFrame(() => focusView(wanted)));
  };
  useExplorerCommands(model, uploads, show);
  return (
    <UploadsContext value={uploads}>
      <div className="flex size-full flex-col">
        <ViewTabs view={view} onView={setView} />
        {views.map(({ id }) => (
          <div
            key={id}
            role="tabpanel"
            id={`explorer-view-${id}`}
            aria-labelledby={`explorer-tab-${id}`}
            hidden={view !== id}
            className="min-h-0 flex-1"
          >
            {id === "files" && <FilesView model={model} />}
            {id === "search" && <SearchView sessionId={sessionId} model={model} />}
            {id === "changes" && (
              <ChangesView
                sessionId={sessionId}
                visible={view === "changes"}
                onShow={() => show("changes")}
              />
            )}
          </div>
        ))}
      </div>
      {dialog}
    </UploadsContext>
  );
}
