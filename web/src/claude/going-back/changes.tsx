"use client";

import type { RewindFate, RewindFile, RewindPreview, RewindScope } from "@remote-claude/protocol";
import type { ReactNode } from "react";
import { cn } from "../../lib/utils.ts";

const fates: Readonly<Record<RewindFate, { label: string; className: string }>> = {
  changed: { label: "goes back", className: "text-muted-foreground" },
  restored: { label: "made anew", className: "text-success" },
  deleted: { label: "deleted", className: "text-destructive" },
};

const count = (files: number, many: string, one = many): string =>
  files === 1 ? `one file ${one}` : `${files} files ${many}`;

/** What becomes of how many: of an agent that does not say it, how many there are. */
export function summaryOf(files: readonly RewindFile[]): string {
  const of = (fate: RewindFate) => files.filter((file) => (file.fate ?? "changed") === fate).length;
  const [changed, restored, deleted] = [of("changed"), of("restored"), of("deleted")];
  const parts = [
    changed > 0 && count(changed, "change", "changes"),
    restored > 0 && `${count(restored, "are", "is")} made anew`,
    deleted > 0 && `${count(deleted, "are", "is")} deleted`,
  ].filter((part) => part !== false);
  const text = parts.join(", ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What would change, in words and by file. */
export function Changes({
  preview,
  scope,
  children,
}: {
  preview: RewindPreview;
  scope: RewindScope;
  children?: ReactNode;
}) {
  const { files, backgroundTasks } = preview;
  return (
    <div className="flex flex-col gap-2 text-[12.5px]">
      {scope !== "files" && (
        <p className="text-muted-foreground">
          What was said since is set aside: Claude forgets it, and you can still read it here.
        </p>
      )}
      {scope !== "files" && backgroundTasks > 0 && (
        <p className="text-warning">
          {backgroundTasks === 1 ? "A command" : `${backgroundTasks} commands`} of Claude’s in the background
          will be ended.
        </p>
      )}
      {scope !== "conversation" &&
        (files.length === 0 ? (
          <p className="text-muted-foreground">No file would change.</p>
        ) : (
          <ChangedFiles preview={preview} />
        ))}
      {scope !== "conversation" && (
        <p className="text-[11.5px] text-muted-foreground">
          Only what Claude changed with its editing tools goes back, not what commands did.
        </p>
      )}
      {children}
    </div>
  );
}

function ChangedFiles({ preview: { files, insertions, deletions } }: { preview: RewindPreview }) {
  return (
    <div className="rounded-lg border">
      <p className="flex justify-between gap-2 border-b px-3 py-1.5 text-muted-foreground text-xs">
        <span>{summaryOf(files)}</span>
        <span className="claude-mono shrink-0">
          <span className="text-success">+{insertions}</span>{" "}
          <span className="text-destructive">−{deletions}</span>
        </span>
      </p>
      <ul className="max-h-40 overflow-y-auto px-3 py-1.5">
        {files.map(({ path, changedSince, fate }) => (
          <li key={path} className="flex items-baseline gap-2">
            <span className="claude-mono min-w-0 truncate" title={path}>
              {path}
            </span>
            {changedSince && (
              <span className="shrink-0 text-[11px] text-warning">changed by somebody else</span>
            )}
            {fate !== undefined && (
              <span className={cn("ml-auto shrink-0 text-[11px]", fates[fate].className)}>
                {fates[fate].label}
              </span>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Asks before work of somebody else's is lost. */
export function Lost({
  files,
  checked,
  onChange,
}: {
  files: readonly RewindFile[];
  checked: boolean;
  onChange(checked: boolean): void;
}) {
  const named = (deleted: boolean) =>
    files
      .filter(({ fate }) => (fate === "deleted") === deleted)
      .map(({ path }) => path)
      .join(", ");
  const [overwritten, deleted] = [named(false), named(true)];
  const since = "what somebody else has changed since";
  const acts = [
    overwritten !== "" && `Overwrite ${since} in ${overwritten}`,
    deleted !== "" && `${overwritten === "" ? "Delete" : "and delete"} ${deleted} with ${since}`,
  ].filter((act) => act !== false);
  return (
    <label className="flex items-start gap-2 text-warning">
      <input
        type="checkbox"
        className="mt-0.5 size-4 shrink-0 accent-clay"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span className="min-w-0 [overflow-wrap:anywhere]">{acts.join(", ")}</span>
    </label>
  );
}
