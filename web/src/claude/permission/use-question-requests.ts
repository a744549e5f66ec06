"use client";

import type { Conversation } from "@remote-claude/protocol";
import { useEffect } from "react";
import { useWorkbench } from "../../workbench/store.ts";
import type { PermissionQuestion } from "../model/items.ts";
import { noteScroll } from "../timeline/use-scroll.ts";

const done = () => useWorkbench.setState({ questionWanted: false });

/** Shows the conversation in which Claude waits for an answer, once somebody wants to see the question. */
export function useQuestionRequests(
  list: readonly Conversation[] | null,
  shown: string | null,
  show: (conversationId: string) => void,
): void {
  const wanted = useWorkbench((state) => state.questionWanted);
  useEffect(() => {
    if (!wanted || list === null) return;
    const waiting = list
      .filter(({ state }) => state === "waiting")
      .map(({ conversationId }) => conversationId);
    const [first] = waiting;
    if (first === undefined) done();
    else show(shown !== null && waiting.includes(shown) ? shown : first);
  }, [wanted, list, shown, show]);
}

/** Brings the question to the middle, with the keyboard on it. */
export function showQuestion(requestId: string): void {
  const card = document.getElementById(`question-${requestId}`);
  noteScroll();
  card?.scrollIntoView({ block: "center" });
  card?.focus({ preventScroll: true });
}

/** In the conversation: leads to the first question, once it is drawn. */
export function useQuestionToShow(pending: readonly PermissionQuestion[]): void {
  const wanted = useWorkbench((state) => state.questionWanted);
  const requestId = pending[0]?.requestId;
  useEffect(() => {
    if (!wanted || requestId === undefined) return;
    done();
    showQuestion(requestId);
  }, [wanted, requestId]);
}
