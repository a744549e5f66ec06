import { disableSecondFactor, makeRecoveryCodes } from "@remote-claude/protocol";
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
import { call } from "../lib/api.ts";
import { messageOf } from "../lib/errors.ts";
import { PasswordField } from "./password-dialog.tsx";
import { RecoveryCodes } from "./recovery-codes.tsx";

/** What asks for the password again, so that an open page is not enough. */
export type ProtectedAct = "disable" | "codes";

const words = {
  disable: {
    title: "Turn the second factor off?",
    description: "Your password alone will be enough to sign in.",
    button: "Turn off",
  },
  codes: {
    title: "New recovery codes",
    description: "The codes you have now will count no more.",
    button: "Make new codes",
  },
} as const;

interface SecondFactorActDialogProps {
  act: ProtectedAct;
  onClose(): void;
  onChanged(): void;
}

export function SecondFactorActDialog({ act, onClose, onChanged }: SecondFactorActDialogProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const { title, description, button } = words[act];

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const body = { password: String(new FormData(event.currentTarget).get("current")) };
    setBusy(true);
    setError(null);
    try {
      if (act === "disable") await call(disableSecondFactor, { body });
      else setCodes((await call(makeRecoveryCodes, { body })).recoveryCodes);
      onChanged();
      if (act === "disable") onClose();
    } catch (cause) {
      setError(messageOf(cause));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog open onOpenChange={(next) => !next && onClose()}>
      <DialogContent onInteractOutside={(event) => codes !== null && event.preventDefault()}>
        {codes !== null ? (
          <RecoveryCodes codes={codes} onDone={onClose} />
        ) : (
          <form onSubmit={submit} className="flex flex-col gap-4">
            <DialogHeader>
              <DialogTitle>{title}</DialogTitle>
              <DialogDescription>{description}</DialogDescription>
            </DialogHeader>
            {error !== null && <Notice tone="destructive" title={error} />}
            <PasswordField id="current" label="Password" autoComplete="current-password" />
            <DialogFooter>
              <Button onClick={onClose}>Cancel</Button>
              <Button type="submit" variant={act === "disable" ? "destructive" : "primary"} disabled={busy}>
                {button}
              </Button>
            </DialogFooter>
          </form>
        )}
      </DialogContent>
    </Dialog>
  );
}
