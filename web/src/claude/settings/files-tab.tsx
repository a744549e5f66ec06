"use client";

import type { ClaudeScope, Reply, SetupFile, SetupKind } from "@remote-claude/protocol";
import { FileTextIcon, PlusIcon } from "lucide-react";
import { useState } from "react";
import { Badge } from "../../components/ui/badge.tsx";
import { Button } from "../../components/ui/button.tsx";
import { Skeleton } from "../../components/ui/skeleton.tsx";
import { messageOf } from "../../lib/errors.ts";
import { live } from "../../lib/live.ts";
import { toast } from "../../lib/toast.ts";
import { openFile } from "../../workbench/store.ts";
import { NewFileForm } from "./new-file-form.tsx";
import type { SettingsPlace } from "./settings-place.ts";
import { templates } from "./templates.ts";
import { UserFileEditor } from "./user-file-editor.tsx";

export interface SetupTabProps {
  readonly setup: Reply<"claude.setup"> | undefined;
  readonly place: SettingsPlace;
  onChanged(): Promise<void>;
  /** A file opens in the editor: the dialog makes room. */
  onClose(): void;
}

export const scopeTexts: Readonly<Record<ClaudeScope, string>> = { project: "Project", user: "Your own" };

/** The files of one kind, and the way to a new one. */
export function FilesTab({ kind, ...props }: SetupTabProps & { kind: SetupKind }) {
  const { setup, place, onChanged } = props;
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
  const { about, noun } = templates[kind];
  const files = setup?.files.filter((file) => file.kind === kind);
  return (
    <>
      <p className="text-muted-foreground text-xs">{about}</p>
      {files === undefined && <Skeleton className="h-14" />}
      {files?.length === 0 && (
        <p className="rounded-lg border border-dashed p-4 text-center text-muted-foreground text-xs">
          None yet.
        </p>
      )}
      {files !== undefined && files.length > 0 && (
        <ul className="flex flex-col gap-1.5" aria-label={`${noun} files`}>
          {files.map((file) => (
            <FileRow key={`${file.scope}:${file.path}`} file={file} {...props} onEdit={setEditing} />
          ))}
        </ul>
      )}
      {kind === "output-style" && setup !== undefined && <StyleChoice {...props} setup={setup} />}
      {kind === "agent" && setup !== undefined && <OwnAgents setup={setup} />}
      <NewFile kind={kind} {...props} onEdit={setEditing} />
    </>
  );
}

/** The way to a new file of one kind; the project's opens in the editor then, the home's here. */
export function NewFile({
  kind,
  place,
  onChanged,
  onClose,
  onEdit,
}: Pick<SetupTabProps, "place" | "onChanged" | "onClose"> & { kind: SetupKind; onEdit(path: string): void }) {
  const [making, setMaking] = useState(false);
  if (!place.canUse) return null;
  if (!making) {
    return (
      <Button size="sm" className="self-start" onClick={() => setMaking(true)}>
        <PlusIcon className="size-3.5" /> New {templates[kind].noun}
      </Button>
    );
  }
  return (
    <NewFileForm
      kind={kind}
      place={place}
      onCancel={() => setMaking(false)}
      onMade={(scope, path) => {
        setMaking(false);
        void onChanged();
        if (scope === "user") return onEdit(path);
        openFile(path);
        onClose();
      }}
    />
  );
}

/** One file, with the way into it: the project's open in the editor, the home's here. */
export function FileRow({
  file,
  place,
  onClose,
  onEdit,
}: Pick<SetupTabProps, "place" | "onClose"> & { file: SetupFile; onEdit(path: string): void }) {
  const { name, description, scope, path } = file;
  const open = () => {
    if (scope === "user") return onEdit(path);
    openFile(path);
    onClose();
  };
  return (
    <li className="flex items-start gap-2 rounded-lg border bg-surface p-2.5">
      <FileTextIcon aria-hidden className="mt-0.5 size-3.5 shrink-0 text-muted-foreground" />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2">
          <span className="font-medium text-[13px] [overflow-wrap:anywhere]">{name}</span>
          <Badge>{scopeTexts[scope]}</Badge>
        </p>
        {description !== "" && <p className="line-clamp-2 text-muted-foreground text-xs">{description}</p>}
        {(scope === "user" || path !== name) && (
          <p className="claude-mono text-[11px] text-muted-foreground [overflow-wrap:anywhere]">
            {scope === "user" ? `~/.claude/${path}` : path}
          </p>
        )}
      </div>
      {(scope === "project" || place.canUse) && (
        <Button size="sm" onClick={open}>
          {scope === "project" || !place.canUse ? "Open" : "Edit"}
          <span className="sr-only"> {name}</span>
        </Button>
      )}
    </li>
  );
}

function StyleChoice({ setup, place, onChanged }: SetupTabProps & { setup: Reply<"claude.setup"> }) {
  const { current, available } = setup.outputStyles;
  const [busy, setBusy] = useState(false);
  if (available.length === 0) return null;
  const choose = async (name: string) => {
    setBusy(true);
    try {
      const { sessionId, conversationId } = place;
      await live.command("claude.choose-style", sessionId, { conversationId, name });
      await onChanged();
    } catch (error) {
      toast.error(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <label className="flex flex-wrap items-center gap-2 text-xs">
      Claude writes in the style
      <select
        className="h-8 rounded-md border border-field bg-surface px-2 text-[13px]"
        value={current}
        disabled={busy || !place.canUse}
        onChange={(event) => void choose(event.target.value)}
      >
        {[...new Set([current, ...available])].map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function OwnAgents({ setup }: { setup: Reply<"claude.setup"> }) {
  const written = new Set(setup.files.filter(({ kind }) => kind === "agent").map(({ name }) => name));
  const own = setup.agents.filter(({ name }) => !written.has(name));
  if (own.length === 0) return null;
  return (
    <details className="text-xs">
      <summary className="cursor-pointer text-muted-foreground">
        {own.length} that Claude Code brings along
      </summary>
      <ul className="mt-1.5 flex flex-col gap-1.5">
        {own.map(({ name, description }) => (
          <li key={name}>
            <span className="font-medium">{name}</span>
            <span className="line-clamp-2 text-muted-foreground">{description}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
