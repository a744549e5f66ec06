"use client";

import type { Conversation } from "@remote-claude/protocol";
import { type FormEvent, useState } from "react";
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
import { messageOf } from "../../lib/errors.ts";
import { live } from "../../lib/live.ts";
import { toast } from "../../lib/toast.ts";

/** Asks for a conversation's new name. */
export function RenameDialog({
  sessionId,
  conversation,
  open,
  onOpenChange,
}: {
  sessionId: string;
  conversation: Conversation;
  open: boolean;
  onOpenChange(open: boolean): void;
}) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>Rename conversation</DialogTitle>
          <DialogDescription>The name is for everyone who sees this session.</DialogDescription>
        </DialogHeader>
        {/* Made anew each time: it begins with the name of the moment. */}
        {open && (
          <RenameForm sessionId={sessionId} conversation={conversation} onDone={() => onOpenChange(false)} />
        )}
      </DialogContent>
    </Dialog>
  );
}

function RenameForm({
  sessionId,
  conversation,
  onDone,
}: {
  sessionId: string;
  conversation: Conversation;
  onDone(): void;
}) {
  const [title, setTitle] = useState(conversation.title ?? "");
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const wanted = title.trim();
    if (wanted === "") return;
    setBusy(true);
    try {
      const { conversationId } = conversation;
      await live.command("chat.rename", sessionId, { conversationId, title: wanted });
      onDone();
    } catch (error) {
      toast.error(messageOf(error));
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      <Input
        autoFocus
        aria-label="Name"
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
      />
      <DialogFooter>
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" variant="primary" disabled={busy || title.trim() === ""}>
          Rename
        </Button>
      </DialogFooter>
    </form>
  );
}
