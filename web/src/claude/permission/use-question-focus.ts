"use client";

import { useEffect, useRef } from "react";
import { isFocusGiven } from "../../workbench/use-first-focus.ts";

/** Moves the focus to a question that comes while a person looks on, and to none while they write. */
export function useQuestionFocus(requestId: string | undefined): void {
  const before = useRef(requestId);
  useEffect(() => {
    if (requestId === before.current) return;
    before.current = requestId;
    if (requestId === undefined) return;
    const { activeElement } = document;
    const card = document.getElementById(`question-${requestId}`);
    const free = activeElement === null || activeElement === document.body;
    // Within the pane the focus is ours as well: it lay on a button of the last question, say.
    const ours = activeElement?.closest("[data-claude-conversation]") != null;
    const field = activeElement?.matches("input, textarea, select, [contenteditable]") === true;
    const writes = field && !isFocusGiven(activeElement);
    if (card !== null && !writes && (free || ours)) card.focus({ preventScroll: true });
  }, [requestId]);
}
