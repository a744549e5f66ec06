"use client";

import { useState } from "react";
import { Skeleton } from "../../components/ui/skeleton.tsx";
import { FileRow, NewFile, type SetupTabProps } from "./files-tab.tsx";
import { templates } from "./templates.ts";
import { UserFileEditor } from "./user-file-editor.tsx";

/** The hooks that Claude Code runs by, and the settings that they are written in. */
export function HooksTab({ setup, place, onChanged, onClose }: SetupTabProps) {
  const [editing, setEditing] = useState<string | null>(null);
  if (editing !== null) {
    return (
      <UserFileEditor
        place={place}
        path={editing}
        onDone={() => {
          setEditing(null);
          void onChanged();
        }}
      />
    );
  }
  if (setup === undefined) return <Skeleton className="h-14" />;
  const settings = setup.files.filter(({ kind }) => kind === "settings");
  return (
    <>
      <p className="text-muted-foreground text-xs">{templates.settings.about}</p>
      {setup.hooks.length === 0 ? (
        <p className="rounded-lg border border-dashed p-4 text-center text-muted-foreground text-xs">
          No hooks.
        </p>
      ) : (
        <ul className="flex flex-col gap-1.5" aria-label="Hooks">
          {setup.hooks.map(({ event, matcher, source, runs }) => (
            <li key={`${event} ${matcher} ${runs}`} className="rounded-lg border bg-surface p-2.5 text-xs">
              <p>
                <span className="font-medium">{event}</span>
                {matcher !== "" && <span className="claude-mono"> {matcher}</span>}
                <span className="text-muted-foreground"> · {source}</span>
              </p>
              <p className="claude-mono mt-0.5 text-[11px] text-muted-foreground [overflow-wrap:anywhere]">
                {runs ?? "Written in the settings of the session's home"}
              </p>
            </li>
          ))}
        </ul>
      )}
      {settings.length > 0 && (
        <ul className="flex flex-col gap-1.5" aria-label="Settings files">
          {settings.map((file) => (
            <FileRow
              key={`${file.scope}:${file.path}`}
              file={file}
              place={place}
              onClose={onClose}
              onEdit={setEditing}
            />
          ))}
        </ul>
      )}
      <NewFile kind="settings" place={place} onChanged={onChanged} onClose={onClose} onEdit={setEditing} />
    </>
  );
}
