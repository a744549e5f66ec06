"use client";

import { EllipsisIcon, GitForkIcon, PencilIcon, Undo2Icon } from "lucide-react";
import { Button } from "../../components/ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "../../components/ui/dropdown-menu.tsx";
import { messageOf } from "../../lib/errors.ts";
import { live } from "../../lib/live.ts";
import { newId } from "../../lib/new-id.ts";
import { toast } from "../../lib/toast.ts";
import { openConversation } from "../live/open-request.ts";
import type { PromptItem } from "../model/items.ts";
import { usePane } from "../pane-context.tsx";
import { askToGoBack } from "./go-back.ts";
import { useIsSetAside } from "./set-aside.tsx";

/** What can be done from a message on: go back to before it, send it again changed, or begin another talk there. */
export function PromptActions({ item }: { item: PromptItem }) {
  const { sessionId, conversationId, canUse } = usePane();
  const setAside = useIsSetAside();
  if (!canUse || setAside || item.state !== "done") return null;
  const goBack = (edit: boolean) => askToGoBack({ conversationId, prompt: item, edit });
  const fork = async (where: "before" | "after") => {
    const forkId = newId();
    const payload = { conversationId, forkId, messageId: item.messageId, where };
    try {
      await live.command("conversation.fork", sessionId, payload, { offline: "fail", timeoutMs: 90_000 });
      openConversation({ conversationId: forkId, at: null });
    } catch (error) {
      toast.error(messageOf(error));
    }
  };
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="quiet" size="icon-sm" aria-label="More for this message" className="bg-inherit">
          <EllipsisIcon />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        <DropdownMenuItem onSelect={() => goBack(true)}>
          <PencilIcon /> Edit and send again…
        </DropdownMenuItem>
        <DropdownMenuItem onSelect={() => goBack(false)}>
          <Undo2Icon /> Go back to before this…
        </DropdownMenuItem>
        <DropdownMenuSeparator />
        <DropdownMenuItem onSelect={() => void fork("after")}>
          <GitForkIcon /> New conversation after the answer
        </DropdownMenuItem>
        <DropdownMenuItem onSelect={() => void fork("before")}>
          <GitForkIcon /> New conversation before this
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
