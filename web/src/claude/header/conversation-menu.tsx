"use client";

import { type Conversation, exportConversation } from "@remote-claude/protocol";
import {
  ArchiveIcon,
  ArchiveRestoreIcon,
  BracesIcon,
  EllipsisIcon,
  FileTextIcon,
  PencilIcon,
} from "lucide-react";
import { Button } from "../../components/ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "../../components/ui/dropdown-menu.tsx";
import { urlOf } from "../../lib/api.ts";
import { messageOf } from "../../lib/errors.ts";
import { live } from "../../lib/live.ts";
import { toast } from "../../lib/toast.ts";

/** What can be done with a conversation as a whole. */
export function ConversationMenu({
  conversation,
  canUse,
  onRename,
}: {
  conversation: Conversation;
  canUse: boolean;
  onRename(): void;
}) {
  const { sessionId, conversationId, archivedAt } = conversation;
  const archived = archivedAt !== null;
  const archive = async () => {
    try {
      await live.command("conversation.archive", sessionId, { conversationId, archived: !archived });
      toast.success(archived ? "The conversation is in the list again." : "The conversation is archived.");
    } catch (error) {
      toast.error(messageOf(error));
    }
  };
  const address = (format: "markdown" | "json") =>
    urlOf(exportConversation, { sessionId, conversationId }, { format });
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="quiet" size="icon-sm" aria-label="More for this conversation">
          <EllipsisIcon />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        {canUse && (
          <DropdownMenuItem onSelect={onRename}>
            <PencilIcon /> Rename…
          </DropdownMenuItem>
        )}
        {canUse && (
          <DropdownMenuItem onSelect={() => void archive()}>
            {archived ? <ArchiveRestoreIcon /> : <ArchiveIcon />}{" "}
            {archived ? "Take out of the archive" : "Archive"}
          </DropdownMenuItem>
        )}
        {canUse && <DropdownMenuSeparator />}
        <DropdownMenuItem asChild>
          <a href={address("markdown")} download>
            <FileTextIcon /> Export as Markdown
          </a>
        </DropdownMenuItem>
        <DropdownMenuItem asChild>
          <a href={address("json")} download>
            <BracesIcon /> Export as JSON
          </a>
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
