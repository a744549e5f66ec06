"use client";

import type { RewindPreview, RewindScope } from "@remote-claude/protocol";
import { useEffect, useId, useState } from "react";
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
import { toast } from "../../lib/toast.ts";
import type { Attachments, PromptItem } from "../model/items.ts";
import { usePane } from "../pane-context.tsx";
import { Changes, Lost } from "./changes.tsx";
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
          {lost.length > 0 && <Lost files={lost} checked={overwrite} onChange={setOverwrite} />}
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
