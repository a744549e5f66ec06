"use client";

import { AppError, type Payload, type PermissionDecision } from "@remote-claude/protocol";
import { useState } from "react";
import { messageOf } from "../../lib/errors.ts";
import { live } from "../../lib/live.ts";
import { toast } from "../../lib/toast.ts";
import type { PermissionQuestion } from "../model/items.ts";
import { usePane } from "../pane-context.tsx";

type Words = Pick<
  Payload<"chat.answer">,
  "message" | "answers" | "input" | "rules" | "scope" | "mode" | "stop"
>;

/** Sends a person's answer to a question; the entry that comes of it closes the question on every page. */
export function useAnswer(question: PermissionQuestion | null) {
  const { sessionId, conversationId, canAnswer } = usePane();
  const [busy, setBusy] = useState(false);
  const answer = async (decision: PermissionDecision, words: Words = {}) => {
    if (question === null || busy) return;
    setBusy(true);
    try {
      const { requestId } = question;
      await live.command("chat.answer", sessionId, { conversationId, requestId, decision, ...words });
    } catch (error) {
      // Someone else was quicker: no mishap, and the entry that says who is on its way.
      if (error instanceof AppError && error.code === "conflict")
        toast.info(`Your answer came too late: ${error.message}.`);
      else toast.error(messageOf(error));
      setBusy(false);
    }
  };
  return { answer, busy, mayAnswer: canAnswer };
}
