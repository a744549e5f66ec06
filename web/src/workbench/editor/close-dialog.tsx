"use client";

import { useStore } from "zustand";
import {
  AlertDialog,
  AlertDialogContent,
  AlertDialogDescription,
  AlertDialogFooter,
  AlertDialogTitle,
} from "../../components/ui/alert-dialog.tsx";
import { Button } from "../../components/ui/button.tsx";
import type { EditorSession } from "./editor-session.ts";

/** Asks what to do with unsaved edits before their tabs close. */
export function CloseDialog({ editor }: { editor: EditorSession }) {
  const closing = useStore(editor.store, (state) => state.closing);
  const names = (closing ?? []).map((path) => path.slice(path.lastIndexOf("/") + 1));
  return (
    <AlertDialog
      open={closing !== null}
      onOpenChange={(open) => !open && void editor.answerClosing("cancel")}
    >
      <AlertDialogContent>
        <div>
          <AlertDialogTitle>
            {names.length === 1
              ? `Save the changes to ${names[0]}?`
              : `Save the changes to ${names.length} files?`}
          </AlertDialogTitle>
          <AlertDialogDescription>
            {names.length > 1 && `${names.join(", ")}. `}
            What you do not save is lost.
          </AlertDialogDescription>
        </div>
        <AlertDialogFooter>
          <Button onClick={() => void editor.answerClosing("cancel")}>Cancel</Button>
          <Button onClick={() => void editor.answerClosing("discard")}>Don’t save</Button>
          <Button variant="primary" autoFocus onClick={() => void editor.answerClosing("save")}>
            Save
          </Button>
        </AlertDialogFooter>
      </AlertDialogContent>
    </AlertDialog>
  );
}
