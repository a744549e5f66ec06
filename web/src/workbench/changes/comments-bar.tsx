"use client";

import { MessageSquareTextIcon, SendIcon, XIcon } from "lucide-react";
import { useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { messageOf } from "../../lib/errors.ts";
import { live } from "../../lib/live.ts";
import { newId } from "../../lib/new-id.ts";
import { toast } from "../../lib/toast.ts";
import { useCommand } from "../commands.ts";
import { focusPane } from "../store.ts";
import { removeComments, showReview, useChangesStore } from "./changes-store.ts";
import { commentAttachments, commentsMessage, placeOf, sortedComments } from "./comments.ts";
import { ensureConversation } from "./conversation-of.ts";

/** Sends all comments as one message, in the conversation that is shown, and goes there. */
async function sendComments(sessionId: string): Promise<void> {
  const { comments } = useChangesStore.getState();
  if (comments.length === 0) return;
  const conversationId = await ensureConversation(sessionId);
  await live.command(
    "chat.send",
    sessionId,
    {
      conversationId,
      messageId: newId(),
      text: commentsMessage(comments),
      attachments: commentAttachments(comments),
    },
    { timeoutMs: 60_000 },
  );
  removeComments(new Set(comments.map(({ id }) => id)));
  focusPane("claude");
}

/** What was said and not sent yet; for those who may write to Claude. */
export function CommentsBar({ sessionId, canUse }: { sessionId: string; canUse: boolean }) {
  const comments = useChangesStore((state) => state.comments);
  const files = useChangesStore((state) => state.listing?.files);
  const [sending, setSending] = useState(false);
  const send = async () => {
    if (sending || !canUse) return;
    setSending(true);
    await sendComments(sessionId).catch((error: unknown) => toast.error(messageOf(error)));
    setSending(false);
  };
  useCommand({ id: "changes.send-comments", title: "Changes: Send the comments to Claude", run: send });
  if (comments.length === 0) return null;
  return (
    <section aria-label="Comments" className="flex max-h-[40%] shrink-0 flex-col border-t">
      <ul className="min-h-0 overflow-y-auto py-1">
        {sortedComments(comments).map((comment) => (
          <li key={comment.id} className="group flex items-start gap-1.5 px-2 py-0.5">
            <MessageSquareTextIcon className="mt-0.5 size-3.5 shrink-0 text-clay" aria-hidden />
            <button
              type="button"
              className="min-w-0 flex-1 rounded-sm text-left hover:underline"
              onClick={() => {
                const file = files?.find(({ path }) => path === comment.path);
                if (file === undefined) return;
                showReview(file);
                focusPane("editor");
              }}
            >
              <span className="block truncate text-[11px] text-muted-foreground">{placeOf(comment)}</span>
              <span className="line-clamp-2 break-words text-xs">{comment.text}</span>
            </button>
            <Button
              variant="quiet"
              size="icon-sm"
              className="size-5"
              aria-label={`Remove the comment on ${placeOf(comment)}`}
              onClick={() => removeComments(new Set([comment.id]))}
            >
              <XIcon />
            </Button>
          </li>
        ))}
      </ul>
      <div className="p-2 pt-1">
        <Button className="w-full" disabled={!canUse || sending} onClick={() => void send()}>
          <SendIcon aria-hidden />
          {comments.length === 1
            ? "Send the comment to Claude"
            : `Send ${comments.length} comments to Claude`}
        </Button>
      </div>
    </section>
  );
}
