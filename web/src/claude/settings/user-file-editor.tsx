"use client";

import { useQuery } from "@tanstack/react-query";
import { ArrowLeftIcon } from "lucide-react";
import { useState } from "react";
import { Notice } from "../../components/notice.tsx";
import { Button } from "../../components/ui/button.tsx";
import { Textarea } from "../../components/ui/input.tsx";
import { Skeleton } from "../../components/ui/skeleton.tsx";
import { messageOf } from "../../lib/errors.ts";
import { live } from "../../lib/live.ts";
import { toast } from "../../lib/toast.ts";
import type { SettingsPlace } from "./settings-place.ts";

interface EditorProps {
  readonly place: SettingsPlace;
  /** Below ~/.claude. */
  readonly path: string;
  onDone(): void;
}

/** A file of the session's home, which lies outside the workspace and so not in its editor. */
export function UserFileEditor({ place, path, onDone }: EditorProps) {
  const file = useQuery({
    queryKey: ["claude-user-file", place.sessionId, path],
    queryFn: () => live.command("claude.read-file", place.sessionId, { path }, { offline: "fail" }),
    // What is edited is not replaced under the writer's hands.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  return (
    <div className="flex flex-col gap-3">
      <div className="flex items-center gap-2">
        <Button variant="quiet" size="icon-sm" aria-label="Back to the list" onClick={onDone}>
          <ArrowLeftIcon className="size-3.5" />
        </Button>
        <p className="claude-mono min-w-0 truncate text-xs">~/.claude/{path}</p>
      </div>
      {file.isError && (
        <Notice tone="warning" title="The file could not be read">
          {messageOf(file.error)}
        </Notice>
      )}
      {file.data === undefined && !file.isError && <Skeleton className="h-40" />}
      {file.data !== undefined && (
        <EditorForm
          place={place}
          path={path}
          content={file.data.content}
          etag={file.data.etag}
          onDone={onDone}
        />
      )}
    </div>
  );
}

function EditorForm({
  place: { sessionId },
  path,
  content,
  etag,
  onDone,
}: EditorProps & { content: string; etag: string }) {
  const [text, setText] = useState(content);
  const [busy, setBusy] = useState(false);
  const [sure, setSure] = useState(false);
  const run = async (step: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await step();
      onDone();
    } catch (error) {
      toast.error(messageOf(error));
      setBusy(false);
    }
  };
  return (
    <>
      <Textarea
        aria-label={path}
        autoFocus
        spellCheck={false}
        rows={16}
        maxLength={200_000}
        value={text}
        onChange={(event) => setText(event.target.value)}
        className="claude-mono resize-y"
      />
      <div className="flex flex-wrap gap-2">
        {sure ? (
          <Button
            variant="destructive"
            size="sm"
            disabled={busy}
            onClick={() =>
              void run(() => live.command("claude.delete-file", sessionId, { path, ifMatch: etag }))
            }
          >
            Delete for good
          </Button>
        ) : (
          <Button size="sm" disabled={busy} onClick={() => setSure(true)}>
            Delete
          </Button>
        )}
        <span className="flex-1" />
        <Button size="sm" onClick={onDone}>
          Cancel
        </Button>
        <Button
          size="sm"
          variant="primary"
          disabled={busy || text === content}
          onClick={() =>
            void run(() =>
              live.command("claude.write-file", sessionId, { path, content: text, ifMatch: etag }),
            )
          }
        >
          Save
        </Button>
      </div>
    </>
  );
}
