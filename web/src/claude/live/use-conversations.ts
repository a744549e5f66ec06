"use client";

import type { Conversation } from "@remote-claude/protocol";
import { useEffect, useState } from "react";
import { messageOf } from "../../lib/errors.ts";
import { live } from "../../lib/live.ts";

export interface Conversations {
  /** Newest activity first, those that were put away among them; null until the first answer. */
  list: readonly Conversation[] | null;
  error: string | null;
}

/** The session's conversations, kept up to date. `epoch` is the session's. */
export function useConversations(sessionId: string, epoch: number): Conversations {
  const [state, setState] = useState<Conversations>({ list: null, error: null });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new epoch means that changes may have been missed
  useEffect(() => {
    let current = true;
    const load = () =>
      Promise.all(
        [false, true].map((archived) =>
          live.command("chat.list", sessionId, { archived }, { offline: "fail" }),
        ),
      ).then(
        (answers) =>
          current &&
          setState({ list: sorted(answers.flatMap(({ conversations }) => conversations)), error: null }),
        (error: unknown) =>
          current &&
          setState((before) => ({ ...before, error: before.list === null ? messageOf(error) : null })),
      );
    const ends = [
      live.onConnected(() => void load()),
      live.on("chat.conversation-changed", sessionId, ({ conversation }) =>
        setState(({ list, error }) => ({
          list: sorted([
            conversation,
            ...(list ?? []).filter(({ conversationId }) => conversationId !== conversation.conversationId),
          ]),
          error,
        })),
      ),
    ];
    return () => {
      current = false;
      for (const end of ends) end();
    };
  }, [sessionId, epoch]);
  return state;
}

function sorted(list: readonly Conversation[]): Conversation[] {
  return [...list].sort((a, b) => b.lastActiveAt.localeCompare(a.lastActiveAt));
}
