"use client";

import type { Payload } from "@remote-claude/protocol";
import { type FormEvent, useId, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Input, Textarea } from "../../components/ui/input.tsx";
import { Label } from "../../components/ui/label.tsx";
import { readServer, type TypedServer } from "./read-server.ts";

const empty: TypedServer = { scope: "user", name: "", type: "stdio", target: "", values: "" };

const field = "h-8 w-full rounded-md border border-field bg-surface px-2 text-[13px]";

/** Asks for a new server. */
export function AddServerForm({
  onAdd,
  onCancel,
}: {
  onAdd(server: Payload<"claude.add-server">): Promise<void>;
  onCancel(): void;
}) {
  const [typed, setTyped] = useState(empty);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const id = useId();
  const set = (change: Partial<TypedServer>) => setTyped((before) => ({ ...before, ...change }));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const server = readServer(typed);
    if ("error" in server) return setError(server.error);
    setError(null);
    setBusy(true);
    await onAdd(server);
    setBusy(false);
  };
  const stdio = typed.type === "stdio";
  return (
    <form
      onSubmit={(event) => void submit(event)}
      noValidate
      aria-label="A new MCP server"
      className="flex flex-col gap-3 rounded-lg border bg-surface p-3"
    >
      <div className="grid gap-3 sm:grid-cols-3">
        <div className="flex flex-col gap-1">
          <Label htmlFor={`${id}-name`}>Name</Label>
          <Input
            id={`${id}-name`}
            autoFocus
            autoComplete="off"
            value={typed.name}
            onChange={(event) => set({ name: event.target.value })}
          />
        </div>
        <div className="flex flex-col gap-1">
          <Label htmlFor={`${id}-type`}>How it is reached</Label>
          <select
            id={`${id}-type`}
            className={field}
            value={typed.type}
            onChange={(event) => set({ type: event.target.value as TypedServer["type"] })}
          >
            <option value="stdio">A program in the session</option>
            <option value="http">HTTP</option>
            <option value="sse">SSE</option>
          </select>
        </div>
        <div className="flex flex-col gap-1">
          <Label htmlFor={`${id}-scope`}>For</Label>
          <select
            id={`${id}-scope`}
            className={field}
            value={typed.scope}
            onChange={(event) => set({ scope: event.target.value as TypedServer["scope"] })}
          >
            <option value="user">This session's home</option>
            <option value="project">The project (.mcp.json)</option>
          </select>
        </div>
      </div>
      <div className="flex flex-col gap-1">
        <Label htmlFor={`${id}-target`}>{stdio ? "Command" : "Address"}</Label>
        <Input
          id={`${id}-target`}
          autoComplete="off"
          spellCheck={false}
          placeholder={
            stdio ? "npx -y @modelcontextprotocol/server-everything" : "https://mcp.example.com/mcp"
          }
          value={typed.target}
          onChange={(event) => set({ target: event.target.value })}
        />
      </div>
      <div className="flex flex-col gap-1">
        <Label htmlFor={`${id}-values`}>{stdio ? "Variables" : "Headers"}</Label>
        <Textarea
          id={`${id}-values`}
          rows={2}
          autoComplete="off"
          spellCheck={false}
          placeholder={stdio ? "API_KEY=…" : "Authorization: Bearer …"}
          value={typed.values}
          onChange={(event) => set({ values: event.target.value })}
          aria-describedby={`${id}-about`}
        />
        <p id={`${id}-about`} className="text-[11px] text-muted-foreground">
          One a line. They are kept in the session and not shown again
          {typed.scope === "project"
            ? "; but .mcp.json lies in the project, where everybody in the session can read it."
            : "."}
        </p>
      </div>
      {error !== null && (
        <p role="alert" className="text-destructive text-xs">
          {error}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button size="sm" onClick={onCancel}>
          Cancel
        </Button>
        <Button size="sm" variant="primary" type="submit" disabled={busy}>
          {busy ? "Adding…" : "Add"}
        </Button>
      </div>
    </form>
  );
}
