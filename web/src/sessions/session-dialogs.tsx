"use client";

import { type Session, SessionName } from "@remote-claude/protocol";
import { type FormEvent, useState } from "react";
import {
  AlertDialog,
  AlertDialogAction,
  AlertDialogCancel,
  AlertDialogContent,
  AlertDialogDescription,
  AlertDialogFooter,
  AlertDialogTitle,
} from "../components/ui/alert-dialog.tsx";
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

interface DialogProps {
  session: Session;
  open: boolean;
  onOpenChange(open: boolean): void;
}

export function RenameDialog({
  session,
  open,
  onOpenChange,
  onRename,
}: DialogProps & { onRename(name: string): Promise<boolean> }) {
  const [problem, setProblem] = useState<string | null>(null);
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const name = SessionName.safeParse(new FormData(event.currentTarget).get("name"));
    if (!name.success) {
      setProblem(name.error.issues[0]?.message ?? "not a name");
      return;
    }
    if (name.data === session.name || (await onRename(name.data))) onOpenChange(false);
  }
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent className="max-w-sm">
        <form onSubmit={submit} className="flex flex-col gap-4">
          <DialogHeader>
            <DialogTitle>Rename session</DialogTitle>
            <DialogDescription className="sr-only">Give {session.name} another name.</DialogDescription>
          </DialogHeader>
          <div className="flex flex-col gap-1.5">
            <Input
              name="name"
              aria-label="Name"
              defaultValue={session.name}
              maxLength={100}
              aria-invalid={problem !== null}
              onFocus={(event) => event.currentTarget.select()}
            />
            {problem !== null && (
              <p role="alert" className="text-destructive text-xs">
                {problem}
              </p>
            )}
          </div>
          <DialogFooter>
            <Button onClick={() => onOpenChange(false)}>Cancel</Button>
            <Button type="submit" variant="primary">
              Rename
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}

export function DeleteDialog({ session, open, onOpenChange, onDelete }: DialogProps & { onDelete(): void }) {
  return (
    <AlertDialog open={open} onOpenChange={onOpenChange}>
      <AlertDialogContent>
        <AlertDialogTitle>Delete “{session.name}”?</AlertDialogTitle>
        <AlertDialogDescription>
          Its workspace, its home directory, its terminals and its conversations with Claude are deleted for
          good. Push or download what you want to keep first.
        </AlertDialogDescription>
        <AlertDialogFooter>
          <AlertDialogCancel>Cancel</AlertDialogCancel>
          <AlertDialogAction onClick={onDelete}>Delete session</AlertDialogAction>
        </AlertDialogFooter>
      </AlertDialogContent>
    </AlertDialog>
  );
}
