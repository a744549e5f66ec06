import { createToken, TokenScope, tokenScopes } from "@remote-claude/protocol";
import { type FormEvent, useState } from "react";
import { CopyOnce } from "../components/copy-once.tsx";
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

const lifetimes = [
  { days: "30", label: "30 days" },
  { days: "90", label: "90 days" },
  { days: "365", label: "1 year" },
  { days: "", label: "No end" },
];
const noEnd = "none";

interface CreateTokenDialogProps {
  open: boolean;
  onOpenChange(open: boolean): void;
  onCreated(): void;
}

/** Asks for a name and a lifetime, then shows the secret, which nobody can show again. */
export function CreateTokenDialog({ open, onOpenChange, onCreated }: CreateTokenDialogProps) {
  const [secret, setSecret] = useState<string | null>(null);
  const change = (next: boolean) => {
    onOpenChange(next);
    if (!next) setSecret(null);
  };
  return (
    <Dialog open={open} onOpenChange={change}>
      <DialogContent
        // A click beside the dialog must not lose the secret.
        onInteractOutside={(event) => secret !== null && event.preventDefault()}
      >
        {secret === null ? (
          <TokenForm
            onCancel={() => change(false)}
            onCreated={(made) => {
              setSecret(made);
              onCreated();
            }}
          />
        ) : (
          <TokenSecret secret={secret} onDone={() => change(false)} />
        )}
      </DialogContent>
    </Dialog>
  );
}

function TokenForm({ onCancel, onCreated }: { onCancel(): void; onCreated(secret: string): void }) {
  const [days, setDays] = useState("90");
  const [limited, setLimited] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const name = String(fields.get("name")).trim();
    if (name === "") {
      setError("Give the token a name that says what it is for.");
      return;
    }
    setBusy(true);
    setError(null);
    try {
      const scopes = TokenScope.options.filter((scope) => fields.get(scope) === "on");
      if (limited && scopes.length === 0) {
        throw new Error("Choose at least one thing that the token may do.");
      }
      const body = {
        name,
        scopes: limited ? scopes : [],
        ...(days === "" ? {} : { expiresInDays: Number(days) }),
      };
      onCreated((await call(createToken, { body })).secret);
    } catch (cause) {
      setError(messageOf(cause));
      setBusy(false);
    }
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <DialogHeader>
        <DialogTitle>New personal access token</DialogTitle>
        <DialogDescription>
          Programs send it as <code className="font-mono text-xs">Authorization: Bearer …</code>
        </DialogDescription>
      </DialogHeader>
      {error !== null && <Notice tone="destructive" title={error} />}
      <div className="flex flex-col gap-1.5">
        <Label htmlFor="token-name">Name</Label>
        <Input id="token-name" name="name" maxLength={100} autoComplete="off" placeholder="Nightly script" />
      </div>
      <div className="flex flex-col gap-1.5">
        <Label htmlFor="token-lifetime">Valid for</Label>
        <Select value={days || noEnd} onValueChange={(value) => setDays(value === noEnd ? "" : value)}>
          <SelectTrigger id="token-lifetime">
            <SelectValue />
          </SelectTrigger>
          <SelectContent>
            {lifetimes.map((lifetime) => (
              <SelectItem key={lifetime.label} value={lifetime.days || noEnd}>
                {lifetime.label}
              </SelectItem>
            ))}
          </SelectContent>
        </Select>
      </div>
      <ScopesField limited={limited} onLimitedChange={setLimited} />
      <DialogFooter>
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" disabled={busy}>
          Create token
        </Button>
      </DialogFooter>
    </form>
  );
}

function ScopesField({
  limited,
  onLimitedChange,
}: {
  limited: boolean;
  onLimitedChange(limited: boolean): void;
}) {
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1.5 font-medium text-xs">May do</legend>
      <label className="flex items-center gap-2">
        <input type="radio" name="limited" checked={!limited} onChange={() => onLimitedChange(false)} />
        All that you may
      </label>
      <label className="flex items-center gap-2">
        <input type="radio" name="limited" checked={limited} onChange={() => onLimitedChange(true)} />
        Only these
      </label>
      {limited && (
        <div className="max-h-44 overflow-y-auto rounded-md border p-2.5">
          {TokenScope.options.map((scope) => (
            <label key={scope} className="flex items-start gap-2 py-0.5">
              <input type="checkbox" name={scope} className="mt-1" />
              <span>
                {tokenScopes[scope]} <code className="font-mono text-muted-foreground text-xs">{scope}</code>
              </span>
            </label>
          ))}
        </div>
      )}
    </fieldset>
  );
}

function TokenSecret({ secret, onDone }: { secret: string; onDone(): void }) {
  return (
    <div className="flex flex-col gap-4">
      <DialogHeader>
        <DialogTitle>Copy your token now</DialogTitle>
        <DialogDescription>It is shown this one time and cannot be shown again.</DialogDescription>
      </DialogHeader>
      <CopyOnce label="Token" text={secret} about="Keep it where your program keeps its secrets." />
      <DialogFooter>
        <Button variant="primary" onClick={onDone}>
          Done
        </Button>
      </DialogFooter>
    </div>
  );
}
