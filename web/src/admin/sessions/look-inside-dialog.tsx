import { type AdminSession, lookInside } from "@remote-claude/protocol";
import { type FormEvent, useId, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "../../components/ui/dialog.tsx";
import { Input } from "../../components/ui/input.tsx";
import { Label } from "../../components/ui/label.tsx";
import { call } from "../../lib/api.ts";
import { messageOf } from "../../lib/errors.ts";

/** Asks for the reason, which goes on record, then opens the session. `session` null: closed. */
export function LookInsideDialog({ session, onClose }: { session: AdminSession | null; onClose(): void }) {
  const id = useId();
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (session === null) return;
    const reason = String(new FormData(event.currentTarget).get("reason")).trim();
    if (reason.length < 3) {
      setProblem("Say why: it goes on record, and the owner reads it.");
      return;
    }
    setBusy(true);
    setProblem(null);
    try {
      await call(lookInside, { params: { sessionId: session.id }, body: { reason } });
      window.location.assign(`/sessions/${session.id}`);
    } catch (error) {
      setProblem(messageOf(error));
      setBusy(false);
    }
  }

  return (
    <Dialog open={session !== null} onOpenChange={onClose}>
      <DialogContent className="max-w-sm">
        <form onSubmit={submit} className="flex flex-col gap-4">
          <DialogHeader>
            <DialogTitle>Look inside “{session?.name}”?</DialogTitle>
            <DialogDescription>
              For an hour you see chat, terminals and files, and change nothing. {session?.owner.name} is
              told, sees that you are there, and it goes on record.
            </DialogDescription>
          </DialogHeader>
          <div className="flex flex-col gap-1.5">
            <Label htmlFor={id}>Reason</Label>
            <Input id={id} name="reason" maxLength={500} autoComplete="off" aria-invalid={problem !== null} />
            {problem !== null && (
              <p role="alert" className="text-destructive text-xs">
                {problem}
              </p>
            )}
          </div>
          <DialogFooter>
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" variant="primary" disabled={busy}>
              Look inside
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}
