"use client";

import type { RewindPreview, RewindScope } from "@remote-claude/protocol";
import { type ReactNode, useEffect, useId, useState } from "react";
import { toast } from "sonner";
import { Notice } from "../../components/notice.tsx";
import { Button } from "../../components/ui/button.tsx";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "../../components/ui/dialog.tsx";
import { Skeleton } from "../../components/ui/skeleton.tsx";
import { messageOf } from "../../lib/errors.ts";
import { live } from "../../lib/live.ts";
import type { Attachments, PromptItem } from "../model/items.ts";
import { usePane } from "../pane-context.tsx";
import { closeGoBack, type GoBackTarget, useGoBack } from "./go-back.ts";

interface GoBackDialogProps {
  /** The talk went back: its message is there to be changed and sent again. */
  readonly onGoneBack: (text: string, attachments: Attachments) => void;
}

/** What a message is known by: its text, or what it brought along. */
const wordsOf = ({ text, attachments }: Pick<PromptItem, "text" | "attachments">) =>
  text === "" ? attachments.map(({ path }) => path).join(", ") : text.slice(0, 200);

/** Asks what is to go back, and shows what would change before anything does. */
export function GoBackDialog({ onGoneBack }: GoBackDialogProps) {
  const { conversationId } = usePane();
  const target = useGoBack((state) => state.target);
  const own = target?.conversationId === conversationId ? target : null;
  return (
    <Dialog open={own !== null} onOpenChange={(open) => !open && closeGoBack()}>
      <DialogContent className="max-w-lg">
        <DialogHeader>
          <DialogTitle>{own?.edit ? "Edit and send again" : "Go back"}</DialogTitle>
          <DialogDescription className="line-clamp-2 [overflow-wrap:anywhere]">
            To before “{own === null ? "" : wordsOf(own.prompt)}”
          </DialogDescription>
        </DialogHeader>
        {own !== null && <GoBackForm key={own.prompt.messageId} target={own} onGoneBack={onGoneBack} />}
      </DialogContent>
    </Dialog>
  );
}

function usePreview(target: GoBackTarget): { preview: RewindPreview | null; error: string | null } {
  const { sessionId } = usePane();
  const [state, setState] = useState<{ preview: RewindPreview | null; error: string | null }>({
    preview: null,
    error: null,
  });
  const { conversationId, prompt } = target;
  useEffect(() => {
    let current = true;
    const payload = { conversationId, messageId: prompt.messageId };
    live
      .command("conversation.preview-rewind", sessionId, payload, { offline: "fail", timeoutMs: 40_000 })
      .then(
        (preview) => current && setState({ preview, error: null }),
        (error: unknown) => current && setState({ preview: null, error: messageOf(error) }),
      );
    return () => {
      current = false;
    };
  }, [sessionId, conversationId, prompt]);
  return state;
}

const scopes: Readonly<Record<RewindScope, { label: string; hint: string }>> = {
  both: { label: "Conversation and files", hint: "As if this message had never been sent." },
  conversation: { label: "Conversation only", hint: "Claude forgets; files stay as they are now." },
  files: { label: "Files only", hint: "Claude remembers what it did; the files are as before." },
};

function GoBackForm({ target, onGoneBack }: GoBackDialogProps & { target: GoBackTarget }) {
  const { sessionId } = usePane();
  const { preview, error } = usePreview(target);
  const [chosen, setChosen] = useState<RewindScope | null>(null);
  const [overwrite, setOverwrite] = useState(false);
  const [busy, setBusy] = useState(false);
  const refused = (scope: RewindScope): string | null => {
    if (preview === null) return null;
    if (scope !== "files" && preview.conversationRefused !== null) return preview.conversationRefused;
    return scope === "conversation" ? null : preview.filesRefused;
  };
  const offered = (Object.keys(scopes) as RewindScope[]).filter((scope) => !target.edit || scope !== "files");
  const scope = chosen ?? offered.find((candidate) => refused(candidate) === null) ?? "both";
  const lost = scope === "conversation" ? [] : (preview?.files.filter((file) => file.changedSince) ?? []);
  const ready = preview !== null && refused(scope) === null && (lost.length === 0 || overwrite) && !busy;

  const goBack = async () => {
    setBusy(true);
    const { conversationId, prompt } = target;
    const payload = {
      ...{ conversationId, messageId: prompt.messageId, what: scope },
      overwrite: lost.map(({ path }) => path),
    };
    try {
      const options = { offline: "fail", timeoutMs: 60_000 } as const;
      const { skipped } = await live.command("conversation.rewind", sessionId, payload, options);
      if (skipped > 0) toast.warning(`${skipped} files were left alone: links lead elsewhere.`);
      closeGoBack();
      if (scope !== "files") onGoneBack(prompt.text, prompt.attachments);
    } catch (failure) {
      toast.error(messageOf(failure));
      setBusy(false);
    }
  };

  if (error !== null) {
    return (
      <>
        <Notice tone="warning" title="That is not possible">
          {error}
        </Notice>
        <DialogFooter>
          <Button onClick={closeGoBack}>Close</Button>
        </DialogFooter>
      </>
    );
  }
  return (
    <>
      <fieldset className="flex flex-col gap-1.5" disabled={busy}>
        <legend className="sr-only">What goes back</legend>
        {offered.map((option) => (
          <ScopeOption
            key={option}
            scope={option}
            checked={option === scope}
            refused={refused(option)}
            onChoose={() => setChosen(option)}
          />
        ))}
      </fieldset>
      {preview === null ? (
        <Skeleton className="h-16" aria-label="Looking what would change" />
      ) : (
        <Changes preview={preview} scope={scope}>
          {lost.length > 0 && (
            <label className="flex items-start gap-2 text-warning">
              <input
                type="checkbox"
                className="mt-0.5 size-4 shrink-0 accent-clay"
                checked={overwrite}
                onChange={(event) => setOverwrite(event.target.checked)}
              />
              Overwrite what somebody else has changed since in {lost.map(({ path }) => path).join(", ")}
            </label>
          )}
        </Changes>
      )}
      <DialogFooter>
        <Button onClick={closeGoBack}>Cancel</Button>
        <Button variant="primary" disabled={!ready} onClick={() => void goBack()}>
          {busy ? "Going back…" : target.edit ? "Go back and edit" : "Go back"}
        </Button>
      </DialogFooter>
    </>
  );
}

function ScopeOption({
  scope,
  checked,
  refused,
  onChoose,
}: {
  scope: RewindScope;
  checked: boolean;
  refused: string | null;
  onChoose(): void;
}) {
  const id = useId();
  const { label, hint } = scopes[scope];
  return (
    <label
      htmlFor={id}
      className="flex cursor-pointer items-start gap-2.5 rounded-lg border px-3 py-2 has-checked:border-ring has-disabled:cursor-default has-checked:bg-selected/50 has-disabled:opacity-60"
    >
      <input
        id={id}
        type="radio"
        name="what"
        className="mt-0.5 size-4 shrink-0 accent-clay"
        checked={checked}
        disabled={refused !== null}
        onChange={onChoose}
      />
      <span className="min-w-0">
        <span className="block font-medium">{label}</span>
        <span className="block text-muted-foreground text-xs">{refused ?? hint}</span>
      </span>
    </label>
  );
}

/** What would change, in words and by file. */
function Changes({
  preview,
  scope,
  children,
}: {
  preview: RewindPreview;
  scope: RewindScope;
  children: ReactNode;
}) {
  const { files, insertions, deletions, backgroundTasks } = preview;
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
          <div className="rounded-lg border">
            <p className="flex justify-between border-b px-3 py-1.5 text-muted-foreground text-xs">
              <span>{files.length === 1 ? "One file changes" : `${files.length} files change`}</span>
              <span className="claude-mono">
                <span className="text-success">+{insertions}</span>{" "}
                <span className="text-destructive">−{deletions}</span>
              </span>
            </p>
            <ul className="max-h-40 overflow-y-auto px-3 py-1.5">
              {files.map(({ path, changedSince }) => (
                <li key={path} className="flex items-baseline gap-2">
                  <span className="claude-mono min-w-0 truncate" title={path}>
                    {path}
                  </span>
                  {changedSince && (
                    <span className="shrink-0 text-[11px] text-warning">changed by somebody else</span>
                  )}
                </li>
              ))}
            </ul>
          </div>
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
