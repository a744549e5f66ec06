"use client";

import { MessageSquareTextIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { FindDialog } from "../claude/finding/find-dialog.tsx";
import { followHit } from "../claude/finding/use-open-requests.ts";
import { Button } from "../components/ui/button.tsx";
import { isMac, matchesKeys } from "../workbench/commands.ts";

const keys = "Mod+K";

/** Finds what was said in all one's sessions, and goes there. */
export function FindInConversations() {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!matchesKeys(keys, event, isMac())) return;
      event.preventDefault();
      setOpen(true);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return (
    <>
      <Button onClick={() => setOpen(true)} aria-keyshortcuts="Control+K Meta+K">
        <MessageSquareTextIcon /> <span className="max-sm:sr-only">Find in conversations</span>
      </Button>
      <FindDialog
        open={open}
        onOpenChange={setOpen}
        sessionId={null}
        onChoose={(hit) => followHit(hit, null)}
      />
    </>
  );
}
