"use client";

import { FileCodeIcon } from "lucide-react";
import { useStore } from "zustand";
import { Button } from "../../components/ui/button.tsx";
import { useCurrentUser } from "../../lib/current-user.tsx";
import { useSession } from "../../lib/hooks.ts";
import { useChangesStore } from "../changes/changes-store.ts";
import { ReviewArea } from "../changes/review-area.tsx";
import { isMac, keysLabel } from "../commands.ts";
import { focusPane } from "../store.ts";
import { Breadcrumb } from "./breadcrumb.tsx";
import { CloseDialog } from "./close-dialog.tsx";
import { CodeView } from "./code-view.tsx";
import { CompareView } from "./compare-view.tsx";
import { ConflictBanner } from "./conflict-banner.tsx";
import { type EditorSession, editorSession } from "./editor-session.ts";
import { FileNotice } from "./file-notice.tsx";
import { EditorTabs } from "./tab-bar.tsx";
import { useEditorCommands } from "./use-editor-commands.ts";

const hints: readonly [string, string][] = [
  ["Go to file", "Mod+P"],
  ["Search in files", "Mod+Shift+F"],
  ["Show all commands", "Mod+Shift+P"],
  ["Review changes", "Mod+Shift+G"],
  ["Terminal", "Ctrl+`"],
  ["Keyboard shortcuts", "Mod+Shift+/"],
];

function NothingOpen() {
  const mac = isMac();
  return (
    <div className="absolute inset-0 flex flex-col items-center justify-center gap-4 text-muted-foreground">
      <FileCodeIcon className="size-12 opacity-25" strokeWidth={1.25} aria-hidden />
      <dl className="hidden grid-cols-[auto_auto] gap-x-4 gap-y-1.5 text-xs md:grid">
        {hints.map(([name, keys]) => (
          <div key={name} className="contents">
            <dt className="text-right">{name}</dt>
            <dd>
              <kbd className="rounded-sm border bg-surface px-1.5 py-0.5 font-sans text-[11px]">
                {keysLabel(keys, mac)}
              </kbd>
            </dd>
          </div>
        ))}
      </dl>
      {/* A phone has no such keys. */}
      <div className="flex flex-col items-center gap-3 md:hidden">
        <p>No file is open.</p>
        <Button onClick={() => focusPane("explorer")}>Choose a file</Button>
      </div>
    </div>
  );
}

function ActiveFile({ editor, path, writable }: { editor: EditorSession; path: string; writable: boolean }) {
  const document = useStore(editor.store, ({ documents }) => documents[path]);
  const comparing = useStore(editor.store, (state) => state.comparing);
  if (comparing !== null && comparing.path === path)
    return <CompareView editor={editor} path={path} disk={comparing.disk} />;
  if (document === undefined || document.view.kind === "text") return null;
  return <FileNotice editor={editor} path={path} view={document.view} writable={writable} />;
}

/** Tabs, breadcrumb, banner and the file in front. */
export function EditorArea({ sessionId }: { sessionId: string }) {
  const { id: userId } = useCurrentUser();
  const { session } = useSession(sessionId);
  const writable = session?.abilities.includes("session.use") ?? false;
  const editor = editorSession(userId, sessionId);
  const active = useStore(editor.store, ({ tabs }) => tabs.active);
  const reviewing = useChangesStore((state) => state.shown);
  useEditorCommands(editor);
  return (
    <div className="flex size-full flex-col">
      <EditorTabs editor={editor} />
      {active !== null && !reviewing && <Breadcrumb path={active} />}
      {active !== null && !reviewing && <ConflictBanner editor={editor} path={active} />}
      <div className="relative min-h-0 flex-1">
        <CodeView editor={editor} writable={writable} />
        {active === null ? <NothingOpen /> : <ActiveFile editor={editor} path={active} writable={writable} />}
        <ReviewArea sessionId={sessionId} editor={editor} />
      </div>
      <CloseDialog editor={editor} />
    </div>
  );
}
