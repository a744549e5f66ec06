import type { KeyboardEvent } from "react";

/** What each key does; the digits are those of Claude Code in a terminal. */
const keysOf = {
  y: "allow",
  "1": "allow",
  s: "session",
  "2": "session",
  a: "always",
  e: "edit",
  n: "deny",
  "3": "deny",
};

export type AnswerAction = "allow" | "session" | "always" | "edit" | "deny";

/** Put on a button, it is pressed by its key while its question is the first one open. */
export const answerKey = (action: AnswerAction, key: string) => ({
  "data-answer": action,
  "aria-keyshortcuts": key.toUpperCase(),
});

const isWriting = (target: EventTarget) =>
  (target as HTMLElement).closest(
    "input, textarea, select, [contenteditable], [role=menu], [role=dialog]",
  ) !== null;

/** The keys of the first open question: a letter where nobody writes, with Alt from the text box too. */
export function onAnswerKey(event: KeyboardEvent<HTMLElement>, requestId: string | undefined): void {
  if (requestId === undefined || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (!event.altKey && isWriting(event.target)) return;
  // With Alt some keyboards write another letter.
  const key = event.altKey ? event.code.replace("Key", "").toLowerCase() : event.key.toLowerCase();
  const action = keysOf[key as keyof typeof keysOf];
  const card = document.getElementById(`question-${requestId}`);
  if (action === undefined || card === null) return;
  // The button itself is pressed: it knows whether it may.
  const button = card.querySelector<HTMLButtonElement>(`button[data-answer="${action}"]:not(:disabled)`);
  if (button === null) return;
  event.preventDefault();
  button.click();
}
