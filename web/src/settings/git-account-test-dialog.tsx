import { type GitCredentialTest, RepositoryPath, testGitCredential } from "@remote-claude/protocol";
import { LoaderCircleIcon } from "lucide-react";
import { type FormEvent, useCallback, useEffect, useState } from "react";
import { Notice } from "../components/notice.tsx";
import { Button } from "../components/ui/button.tsx";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "../components/ui/dialog.tsx";
import { Input } from "../components/ui/input.tsx";
import { Label } from "../components/ui/label.tsx";
import { call } from "../lib/api.ts";
import { messageOf } from "../lib/errors.ts";

const tones = {
  accepted: "success",
  refused: "destructive",
  unclear: "warning",
  unreachable: "warning",
} as const satisfies Record<GitCredentialTest["outcome"], string>;

/** A path in whatever a person pastes: "owner/project", or the repository's whole address. */
const pathIn = (text: string) =>
  text
    .trim()
    .replace(/^([a-z]+:\/\/)[^/]+\//i, "")
    .replace(/^git@[^:]+:/, "");

/** Asks the host at once whether it accepts the credential, and then, if one likes, about a repository. */
export function GitAccountTestDialog({ host, onClose }: { host: string | null; onClose(): void }) {
  return (
    <Dialog open={host !== null} onOpenChange={(open) => !open && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>Test the token for {host}</DialogTitle>
          <DialogDescription>The host is asked the way git in a session asks it.</DialogDescription>
        </DialogHeader>
        {host !== null && <GitAccountTest host={host} onClose={onClose} />}
      </DialogContent>
    </Dialog>
  );
}

function GitAccountTest({ host, onClose }: { host: string; onClose(): void }) {
  const [repository, setRepository] = useState("");
  const [result, setResult] = useState<{ tone: "success" | "warning" | "destructive"; text: string } | null>(
    null,
  );
  const ask = useCallback(
    async (path: string, signal?: AbortSignal) => {
      setResult(null);
      try {
        const body = path === "" ? {} : { repository: path };
        const options = signal === undefined ? {} : { signal };
        const { outcome, message } = await call(testGitCredential, { params: { host }, body, ...options });
        setResult({ tone: tones[outcome], text: message });
      } catch (error) {
        if (signal?.aborted) return;
        setResult({ tone: "destructive", text: messageOf(error) });
      }
    },
    [host],
  );
  useEffect(() => {
    const abort = new AbortController();
    void ask("", abort.signal);
    return () => abort.abort();
  }, [ask]);

  function submit(event: FormEvent) {
    event.preventDefault();
    const path = pathIn(repository);
    if (path === "" || RepositoryPath.safeParse(path).success) void ask(path);
    else setResult({ tone: "destructive", text: "Enter the path of a repository, such as owner/project." });
  }

  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      <div aria-live="polite" className="min-h-11">
        {result === null ? (
          <p className="flex items-center gap-2 py-2.5 text-muted-foreground">
            <LoaderCircleIcon className="size-4 animate-spin" aria-hidden /> Asking {host} …
          </p>
        ) : (
          <Notice tone={result.tone} title={result.text} />
        )}
      </div>
      <div className="flex flex-col gap-1.5">
        <Label htmlFor="git-test-repository">
          Repository <span className="font-normal text-muted-foreground">(optional)</span>
        </Label>
        <Input
          id="git-test-repository"
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="none"
          placeholder="owner/project"
          value={repository}
          onChange={(event) => setRepository(event.target.value)}
        />
        <p className="text-muted-foreground text-xs">
          With one, you see whether the token may read it and push to it.
        </p>
      </div>
      <DialogFooter>
        <Button onClick={onClose}>Close</Button>
        <Button type="submit" variant="primary" disabled={result === null}>
          Test again
        </Button>
      </DialogFooter>
    </form>
  );
}
