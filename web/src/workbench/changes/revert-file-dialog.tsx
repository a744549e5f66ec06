"use client";

import type { ChangedFile } from "@remote-claude/protocol";
import {
  AlertDialog,
  AlertDialogAction,
  AlertDialogCancel,
  AlertDialogContent,
  AlertDialogDescription,
  AlertDialogFooter,
  AlertDialogTitle,
} from "../../components/ui/alert-dialog.tsx";

interface RevertFileDialogProps {
  readonly file: ChangedFile;
  readonly open: boolean;
  /** It was not there before: reverting deletes it. */
  readonly removes: boolean;
  onOpenChange(open: boolean): void;
  onRevert(): void;
}

/** A whole file is not taken back by a slip of the hand. */
export function RevertFileDialog({ file, open, removes, onOpenChange, onRevert }: RevertFileDialogProps) {
  const name = file.path.slice(file.path.lastIndexOf("/") + 1);
  return (
    <AlertDialog open={open} onOpenChange={onOpenChange}>
      <AlertDialogContent>
        <div>
          <AlertDialogTitle>{removes ? `Delete ${name}?` : `Revert ${name}?`}</AlertDialogTitle>
          <AlertDialogDescription>
            {removes
              ? "It was not there before. It cannot be brought back."
              : "All changes of this file are taken back, whoever made them."}
          </AlertDialogDescription>
        </div>
        <AlertDialogFooter>
          <AlertDialogCancel>Cancel</AlertDialogCancel>
          <AlertDialogAction onClick={onRevert}>{removes ? "Delete" : "Revert"}</AlertDialogAction>
        </AlertDialogFooter>
      </AlertDialogContent>
    </AlertDialog>
  );
}
