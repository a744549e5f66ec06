"use client";

import {
  AppError,
  type ClaudeScope,
  type RouteDefinition,
  type SetupKind,
  writeFile,
} from "@remote-claude/protocol";
import { type FormEvent, useId, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Input } from "../../components/ui/input.tsx";
import { Label } from "../../components/ui/label.tsx";
import { request } from "../../lib/api.ts";
import { messageOf } from "../../lib/errors.ts";
import { live } from "../../lib/live.ts";
import type { SettingsPlace } from "./settings-place.ts";
import { fileNameOf, nameTrouble, pathOfNew, templates } from "./templates.ts";

/** Makes the file; refused where one is there already. */
async function make(sessionId: string, scope: ClaudeScope, path: string, content: string): Promise<void> {
  if (scope === "user") {
    await live.command("claude.write-file", sessionId, { path, content, ifMatch: null });
    return;
  }
  try {
    await request(writeFile as unknown as RouteDefinition, {
      params: { sessionId, path },
      headers: { "content-type": "application/octet-stream", "if-none-match": "*" },
      content,
    });
  } catch (error) {
    if (error instanceof AppError && error.code === "precondition_failed")
      throw new AppError("conflict", `${path} is there already.`);
    throw error;
  }
  await live.command("claude.reload", sessionId, {});
}

/** Asks for the name of a new file and where it goes. */
export function NewFileForm({
  kind,
  place: { sessionId },
  onMade,
  onCancel,
}: {
  kind: SetupKind;
  place: SettingsPlace;
  onMade(scope: ClaudeScope, path: string): void;
  onCancel(): void;
}) {
  const [name, setName] = useState("");
  const [scope, setScope] = useState<ClaudeScope>("project");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const id = useId();
  const { path: wanted, noun, text } = templates[kind];
  const named = typeof wanted !== "string";
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const fileName = fileNameOf(name);
    const trouble = nameTrouble(kind, fileName);
    setError(trouble);
    if (trouble !== null) return;
    const path = pathOfNew(kind, scope, fileName);
    setBusy(true);
    try {
      await make(sessionId, scope, path, text(fileName));
      onMade(scope, path);
    } catch (failure) {
      setError(messageOf(failure));
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => void submit(event)}
      noValidate
      aria-label={`New ${noun}`}
      className="flex flex-wrap items-end gap-2 rounded-lg border bg-surface p-3"
    >
      {named && (
        <div className="flex min-w-40 flex-1 flex-col gap-1">
          <Label htmlFor={`${id}-name`}>Name</Label>
          <Input
            id={`${id}-name`}
            autoFocus
            autoComplete="off"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
      )}
      <div className="flex flex-col gap-1">
        <Label htmlFor={`${id}-scope`}>For</Label>
        <select
          id={`${id}-scope`}
          // biome-ignore lint/a11y/noAutofocus: the first field of a form that was just asked for
          autoFocus={!named}
          className="h-8 rounded-md border border-field bg-surface px-2 text-[13px]"
          value={scope}
          onChange={(event) => setScope(event.target.value as ClaudeScope)}
        >
          <option value="project">The project</option>
          <option value="user">This session's home</option>
        </select>
      </div>
      <div className="ml-auto flex gap-2">
        <Button size="sm" onClick={onCancel}>
          Cancel
        </Button>
        <Button size="sm" variant="primary" type="submit" disabled={busy}>
          Make
        </Button>
      </div>
      {error !== null && (
        <p role="alert" className="w-full text-destructive text-xs">
          {error}
        </p>
      )}
    </form>
  );
}
