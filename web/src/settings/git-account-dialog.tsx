import { GitToken, GitUsername, putGitCredential } from "@remote-claude/protocol";
import { ExternalLinkIcon, LoaderCircleIcon } from "lucide-react";
import { type FormEvent, useState } from "react";
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
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "../components/ui/select.tsx";
import { call } from "../lib/api.ts";
import { messageOf } from "../lib/errors.ts";
import { adviceFor, knownGitHosts, readGitHost } from "./git-hosts.ts";

const other = "other";

interface GitAccountDialogProps {
  /** Null: closed. "": any host; else the one to begin with. */
  host: string | null;
  onClose(): void;
  onStored(host: string): void;
}

/** Asks for a host, a user name and a token, and stores them. */
export function GitAccountDialog({ host, onClose, onStored }: GitAccountDialogProps) {
  return (
    <Dialog open={host !== null} onOpenChange={(open) => !open && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>Store a token for a git host</DialogTitle>
          <DialogDescription>
            It is given to that host alone and never enters a session. Whoever may edit a session of yours can
            push with it there, and cannot read it.
          </DialogDescription>
        </DialogHeader>
        {host !== null && <GitAccountForm initialHost={host} onCancel={onClose} onStored={onStored} />}
      </DialogContent>
    </Dialog>
  );
}

/** What is wrong with what was entered, in a sentence; or null. */
function findProblem(host: string | null, username: string, token: string): string | null {
  if (host === null) return "Enter the host, such as git.example.org or git.example.org:8443.";
  if (!GitUsername.safeParse(username).success) return "Enter the user name that goes with the token.";
  if (token.trim() === "") return "Paste the token.";
  if (!GitToken.safeParse(token).success)
    return "This does not look like a token: it holds spaces, or is too long.";
  return null;
}

function GitAccountForm({
  initialHost,
  onCancel,
  onStored,
}: {
  initialHost: string;
  onCancel(): void;
  onStored(host: string): void;
}) {
  const isKnown = (host: string) => knownGitHosts.some((known) => known.host === host);
  const first = initialHost === "" ? (knownGitHosts[0]?.host ?? other) : initialHost;
  const [choice, setChoice] = useState(isKnown(first) ? first : other);
  const [otherHost, setOtherHost] = useState(isKnown(first) ? "" : first);
  /** Null: the host's usual one. */
  const [username, setUsername] = useState<string | null>(null);
  const [token, setToken] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const host = choice === other ? readGitHost(otherHost) : choice;
  const advice = adviceFor(host ?? "");
  const name = username ?? advice.username;

  async function submit(event: FormEvent) {
    event.preventDefault();
    const problem = findProblem(host, name, token);
    setError(problem);
    if (problem !== null || host === null) return;
    setBusy(true);
    try {
      await call(putGitCredential, { params: { host }, body: { username: name, token } });
      onStored(host);
    } catch (cause) {
      setError(messageOf(cause));
      setBusy(false);
    }
  }

  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4" autoComplete="off">
      {error !== null && <Notice tone="destructive" title={error} />}
      <div className="flex flex-col gap-1.5">
        <Label htmlFor="git-host">Host</Label>
        <Select
          value={choice}
          onValueChange={(value) => {
            setChoice(value);
            setUsername(null);
            setError(null);
          }}
        >
          <SelectTrigger id="git-host">
            <SelectValue />
          </SelectTrigger>
          <SelectContent>
            {knownGitHosts.map((known) => (
              <SelectItem key={known.host} value={known.host}>
                {known.label} ({known.host})
              </SelectItem>
            ))}
            <SelectItem value={other}>Another host</SelectItem>
          </SelectContent>
        </Select>
        {choice === other && (
          <Input
            aria-label="Name of the host"
            inputMode="url"
            spellCheck={false}
            placeholder="git.example.org"
            value={otherHost}
            onChange={(event) => setOtherHost(event.target.value)}
          />
        )}
      </div>
      <div className="flex flex-col gap-1.5">
        <Label htmlFor="git-username">User name</Label>
        <Input
          id="git-username"
          spellCheck={false}
          autoCapitalize="none"
          maxLength={255}
          value={name}
          onChange={(event) => setUsername(event.target.value)}
        />
      </div>
      <div className="flex flex-col gap-1.5">
        <Label htmlFor="git-token">Token</Label>
        <Input
          id="git-token"
          type="password"
          autoComplete="new-password"
          aria-describedby="git-token-rights"
          value={token}
          onChange={(event) => setToken(event.target.value)}
        />
        <p id="git-token-rights" className="text-muted-foreground text-xs">
          {advice.rights}{" "}
          {advice.tokensUrl !== undefined && (
            <a
              href={advice.tokensUrl}
              target="_blank"
              rel="noreferrer"
              className="inline-flex items-center gap-1 text-clay underline-offset-4 hover:underline"
            >
              Make one <ExternalLinkIcon className="size-3" aria-hidden />
            </a>
          )}
        </p>
      </div>
      <DialogFooter>
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" disabled={busy}>
          {busy && <LoaderCircleIcon className="animate-spin" />}
          Store and test
        </Button>
      </DialogFooter>
    </form>
  );
}
