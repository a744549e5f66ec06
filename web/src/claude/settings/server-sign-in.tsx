"use client";

import { ExternalLinkIcon } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Input } from "../../components/ui/input.tsx";
import { Label } from "../../components/ui/label.tsx";
import { messageOf } from "../../lib/errors.ts";

export interface ServerSignInActions {
  /** The address at which the person signs in; null: none was wanted after all. */
  onBegin(): Promise<string | null>;
  onFinish(address: string): Promise<void>;
}

/**
 * Signs Claude in to a server: at the server's own page, and then by hand, since the page leads back to the machine
 * that Claude Code runs on, which no browser reaches.
 */
export function ServerSignIn({ name, onBegin, onFinish }: ServerSignInActions & { name: string }) {
  const [url, setUrl] = useState<string | null>(null);
  const [address, setAddress] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const id = useId();

  const run = async (step: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    try {
      await step();
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  const finish = (event: FormEvent) => {
    event.preventDefault();
    void run(() => onFinish(address.trim()));
  };

  const cancel = () => {
    setUrl(null);
    setAddress("");
    setProblem(null);
  };

  return (
    <div className="mt-2 text-xs">
      {url === null ? (
        <Button size="sm" disabled={busy} onClick={() => void run(async () => setUrl(await onBegin()))}>
          {busy ? "Asking the server…" : "Sign in…"}
          <span className="sr-only"> to {name}</span>
        </Button>
      ) : (
        <form onSubmit={finish} className="flex flex-col gap-2 rounded-md bg-muted/60 p-2.5">
          <p>
            1.{" "}
            <a
              href={url}
              target="_blank"
              rel="noopener noreferrer"
              className="font-medium text-clay underline-offset-4 hover:underline"
            >
              Sign in at {new URL(url).host}
              <ExternalLinkIcon aria-hidden className="-mt-0.5 ml-1 inline size-3" />
            </a>
            , if that is where you mean to.
          </p>
          <div className="flex flex-col gap-1">
            <Label htmlFor={id} className="font-normal text-xs">
              2. At the end your browser shows a page that it cannot open, at localhost. Copy its whole
              address from the address bar, and paste it here:
            </Label>
            <div className="flex gap-1.5">
              <Input
                id={id}
                value={address}
                onChange={(event) => setAddress(event.target.value)}
                placeholder="http://localhost:…/callback?code=…"
                autoComplete="off"
                spellCheck={false}
                className="claude-mono h-8 min-w-0 flex-1 text-xs max-sm:text-base"
              />
              <Button type="submit" size="sm" variant="primary" disabled={busy || address.trim() === ""}>
                {busy ? "Signing in…" : "Finish"}
              </Button>
              <Button size="sm" variant="quiet" disabled={busy} onClick={cancel}>
                Cancel
              </Button>
            </div>
          </div>
        </form>
      )}
      {problem !== null && (
        <p role="alert" className="mt-1.5 text-destructive [overflow-wrap:anywhere]">
          {problem}
        </p>
      )}
    </div>
  );
}
