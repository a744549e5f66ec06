import { beginSecondFactor, confirmSecondFactor } from "@remote-claude/protocol";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { encode } from "uqr";
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
import { Skeleton } from "../components/ui/skeleton.tsx";
import { call } from "../lib/api.ts";
import { messageOf } from "../lib/errors.ts";
import { RecoveryCodes } from "./recovery-codes.tsx";

/** Dark on white whatever the theme is: cameras want it so. */
function QrCode({ text }: { text: string }) {
  const { data, size } = encode(text, { border: 3 });
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return (
    <svg
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label="The secret as a QR code"
      className="size-44 rounded-lg border bg-white"
      shapeRendering="crispEdges"
    >
      <path d={path} fill="#000" />
    </svg>
  );
}

/** A secret for the app, a first code of it, and the recovery codes. */
export function SecondFactorDialog({ onClose, onChanged }: { onClose(): void; onChanged(): void }) {
  const started = useRef(false);
  const [begun, setBegun] = useState<{ secret: string; uri: string } | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  useEffect(() => {
    if (started.current) return;
    started.current = true;
    call(beginSecondFactor).then(setBegun, (cause: unknown) => setError(messageOf(cause)));
  }, []);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get("code")).replaceAll(/\s/g, "");
    setBusy(true);
    setError(null);
    try {
      setCodes((await call(confirmSecondFactor, { body: { code } })).recoveryCodes);
      onChanged();
    } catch (cause) {
      setError(messageOf(cause));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog open onOpenChange={(next) => !next && onClose()}>
      <DialogContent onInteractOutside={(event) => event.preventDefault()}>
        {codes !== null ? (
          <RecoveryCodes codes={codes} onDone={onClose} />
        ) : (
          <form onSubmit={submit} className="flex flex-col gap-4">
            <DialogHeader>
              <DialogTitle>Set up your authenticator app</DialogTitle>
              <DialogDescription>
                Scan the code with it, then enter the six digits it shows.
              </DialogDescription>
            </DialogHeader>
            {error !== null && <Notice tone="destructive" title={error} />}
            <div className="flex flex-col items-center gap-2">
              {begun === null ? <Skeleton className="size-44" /> : <QrCode text={begun.uri} />}
              <p className="text-muted-foreground text-xs">Or type this secret into it:</p>
              <code className="select-all break-all text-center font-mono text-xs">
                {begun?.secret ?? "…"}
              </code>
            </div>
            <div className="flex flex-col gap-1.5">
              <Label htmlFor="totp-code">Code</Label>
              <Input
                id="totp-code"
                name="code"
                inputMode="numeric"
                autoComplete="one-time-code"
                pattern="[0-9 ]{6,7}"
                title="six digits"
                required
                className="font-mono tracking-widest"
              />
            </div>
            <DialogFooter>
              <Button onClick={onClose}>Cancel</Button>
              <Button type="submit" variant="primary" disabled={busy || begun === null}>
                Turn on
              </Button>
            </DialogFooter>
          </form>
        )}
      </DialogContent>
    </Dialog>
  );
}
