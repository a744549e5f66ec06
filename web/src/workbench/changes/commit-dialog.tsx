"use client";

import { AppError, type ChangedFile, type CommitAuthor, chatWithClaude } from "@remote-claude/protocol";
import { LoaderCircleIcon, SparklesIcon } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "../../components/ui/dialog.tsx";
import { Input, Textarea } from "../../components/ui/input.tsx";
import { Label } from "../../components/ui/label.tsx";
import { call } from "../../lib/api.ts";
import { useCurrentUser } from "../../lib/current-user.tsx";
import { messageOf } from "../../lib/errors.ts";
import { live } from "../../lib/live.ts";
import { toast } from "../../lib/toast.ts";
import { useChangesStore } from "./changes-store.ts";
import { askForMessage, messageIn, proposedMessage } from "./commit-message.ts";
import { ensureConversation, findConversation } from "./conversation-of.ts";
import { LineCounts } from "./line-counts.tsx";

const close = () => useChangesStore.setState({ committing: false });

/** Asks what to commit and how it is called. */
export function CommitDialog({ sessionId }: { sessionId: string }) {
  const open = useChangesStore((state) => state.committing);
  return (
    <Dialog open={open} onOpenChange={(wanted) => useChangesStore.setState({ committing: wanted })}>
      <DialogContent className="max-w-lg">
        <DialogHeader>
          <DialogTitle>Commit</DialogTitle>
          <DialogDescription>To the session’s own repository. Its hooks run as always.</DialogDescription>
        </DialogHeader>
        {/* Made anew each time: it begins with what there is to commit now. */}
        {open && <CommitForm sessionId={sessionId} />}
      </DialogContent>
    </Dialog>
  );
}

interface Ready {
  readonly files: readonly ChangedFile[];
  readonly truncated: boolean;
  readonly author: CommitAuthor | null;
  readonly message: string;
}

/** What there is to commit, and what it could be called. */
async function prepare(sessionId: string): Promise<Ready> {
  const [listing, conversation] = await Promise.all([
    live.command("changes.list", sessionId, { base: { kind: "commit" } }, { timeoutMs: 90_000 }),
    findConversation(sessionId).catch(() => null),
  ]);
  if (listing.repository === null)
    throw new AppError("conflict", "The workspace is no git repository, so there is nothing to commit to.");
  const { files, truncated, repository } = listing;
  const message = proposedMessage(files, conversation?.title ?? null);
  return { files, truncated, author: repository.author, message };
}

function CommitForm({ sessionId }: { sessionId: string }) {
  const [ready, setReady] = useState<Ready | null>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    let current = true;
    prepare(sessionId).then(
      (found) => current && setReady(found),
      (thrown: unknown) => current && setError(messageOf(thrown)),
    );
    return () => {
      current = false;
    };
  }, [sessionId]);
  if (error !== null) return <p className="text-destructive">{error}</p>;
  if (ready === null)
    return (
      <p role="status" className="flex items-center gap-2 py-6 text-muted-foreground">
        <LoaderCircleIcon className="size-4 animate-spin" aria-hidden /> Looking at the changes…
      </p>
    );
  if (ready.files.length === 0)
    return <p className="py-4 text-muted-foreground">Nothing has changed since the last commit.</p>;
  return <ReadyForm sessionId={sessionId} ready={ready} />;
}

/** Claude writes the message, in the conversation; null when it does not. */
function useAskClaude(sessionId: string) {
  const [asking, setAsking] = useState(false);
  const gone = useRef<AbortController | null>(null);
  useEffect(() => () => gone.current?.abort(), []);
  const ask = async (): Promise<string | null> => {
    gone.current = new AbortController();
    setAsking(true);
    try {
      const conversationId = await ensureConversation(sessionId);
      const { outcome, text, failure } = await call(chatWithClaude, {
        params: { sessionId },
        body: { message: askForMessage, conversationId },
        signal: gone.current.signal,
      });
      if (outcome === "completed" && text.trim() !== "") return messageIn(text);
      toast.error(failure?.message ?? "Claude did not answer with a message.");
    } catch (error) {
      if (!gone.current.signal.aborted) toast.error(messageOf(error));
    } finally {
      setAsking(false);
    }
    return null;
  };
  return { asking, ask };
}

function ReadyForm({ sessionId, ready }: { sessionId: string; ready: Ready }) {
  const user = useCurrentUser();
  const [message, setMessage] = useState(ready.message);
  const [author, setAuthor] = useState<CommitAuthor>(ready.author ?? { name: user.name, email: user.email });
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<{ message: string; output: string } | null>(null);
  const { asking, ask } = useAskClaude(sessionId);
  const chosen = ready.files.filter(({ path }) => !left.has(path));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy || chosen.length === 0) return;
    setBusy(true);
    setRefusal(null);
    const paths = chosen.flatMap(({ path, from }) => (from === null ? [path] : [path, from]));
    try {
      const { commit } = await live.command(
        "changes.commit",
        sessionId,
        { message, author, paths: left.size === 0 ? null : paths },
        { timeoutMs: 620_000 },
      );
      toast.success(`Committed as ${commit.slice(0, 8)}.`);
      close();
    } catch (error) {
      const output = error instanceof AppError ? error.details?.output : undefined;
      setRefusal({ message: messageOf(error), output: typeof output === "string" ? output : "" });
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit} className="flex min-h-0 flex-col gap-3">
      <div className="flex flex-col gap-1">
        <div className="flex items-end justify-between">
          <Label htmlFor="commit-message">Message</Label>
          <Button
            size="sm"
            variant="quiet"
            disabled={asking || busy}
            onClick={() => void ask().then((text) => text !== null && setMessage(text))}
          >
            {asking ? (
              <LoaderCircleIcon className="animate-spin" aria-hidden />
            ) : (
              <SparklesIcon aria-hidden />
            )}
            {asking ? "Claude is writing…" : "Let Claude write it"}
          </Button>
        </div>
        <Textarea
          id="commit-message"
          autoFocus
          required
          rows={4}
          maxLength={20_000}
          value={message}
          onChange={(event) => setMessage(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey))
              event.currentTarget.form?.requestSubmit();
          }}
          className="field-sizing-content max-h-48 min-h-20 font-mono text-xs leading-5"
        />
      </div>
      <ChosenFiles ready={ready} left={left} onLeft={setLeft} />
      <fieldset className="grid grid-cols-1 gap-2 sm:grid-cols-2">
        <legend className="sr-only">In whose name</legend>
        <div className="flex flex-col gap-1">
          <Label htmlFor="commit-name">Name</Label>
          <Input
            id="commit-name"
            required
            maxLength={200}
            value={author.name}
            onChange={(event) => setAuthor({ ...author, name: event.currentTarget.value })}
          />
        </div>
        <div className="flex flex-col gap-1">
          <Label htmlFor="commit-email">E-mail</Label>
          <Input
            id="commit-email"
            type="email"
            required
            maxLength={320}
            value={author.email}
            onChange={(event) => setAuthor({ ...author, email: event.currentTarget.value })}
          />
        </div>
      </fieldset>
      {refusal !== null && (
        <div role="alert" className="flex flex-col gap-1 text-destructive">
          <p>{refusal.message}</p>
          {refusal.output !== "" && (
            <pre className="max-h-40 overflow-auto whitespace-pre-wrap rounded-md bg-muted p-2 text-foreground text-xs">
              {refusal.output}
            </pre>
          )}
        </div>
      )}
      <DialogFooter>
        <Button onClick={close}>Cancel</Button>
        <Button
          type="submit"
          variant="primary"
          disabled={busy || chosen.length === 0 || message.trim() === ""}
        >
          {busy && <LoaderCircleIcon className="animate-spin" aria-hidden />}
          {chosen.length === 1 ? "Commit 1 file" : `Commit ${chosen.length} files`}
        </Button>
      </DialogFooter>
    </form>
  );
}

interface ChosenFilesProps {
  readonly ready: Ready;
  readonly left: ReadonlySet<string>;
  onLeft(left: ReadonlySet<string>): void;
}

/** Which files; of very many only all can be chosen. */
function ChosenFiles({ ready: { files, truncated }, left, onLeft }: ChosenFilesProps) {
  if (truncated || files.length > 500)
    return (
      <p className="text-muted-foreground">
        All {truncated ? "changes" : `${files.length} changed files`} are committed.
      </p>
    );
  const toggle = (path: string) => {
    const next = new Set(left);
    if (!next.delete(path)) next.add(path);
    onLeft(next);
  };
  return (
    <fieldset className="min-h-0">
      <legend className="mb-1 font-medium">Files</legend>
      <ul className="max-h-44 overflow-y-auto rounded-md border py-1">
        {files.map((file) => (
          <li key={file.path}>
            <label className="flex cursor-pointer items-center gap-2 px-2.5 py-0.5 pointer-coarse:py-2 hover:bg-hover">
              <input
                type="checkbox"
                className="accent-(--primary)"
                checked={!left.has(file.path)}
                onChange={() => toggle(file.path)}
              />
              <span className="min-w-0 flex-1 truncate" title={file.path}>
                {file.path}
              </span>
              <LineCounts file={file} />
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
