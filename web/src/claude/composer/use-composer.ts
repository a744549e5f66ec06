"use client";

import { useLayoutEffect, useRef, useState } from "react";
import { useCurrentUser } from "../../lib/current-user.tsx";
import { addToPromptHistory, readDraft, readPromptHistory } from "../live/drafts.ts";
import type { Attachments } from "../model/items.ts";
import { completeMention, mentionedPaths } from "./mentions.ts";
import { completeSlash } from "./slash-commands.ts";
import { useDraft } from "./use-draft.ts";
import { type Choice, useMentions } from "./use-mentions.ts";
import { useSlashCommands } from "./use-slash-commands.ts";

/** What stands in the text box: the text, its mentions, attachments, the draft and the history of prompts. */
export function useComposer(
  sessionId: string,
  conversationId: string,
  /** Prompts of this conversation, oldest first. */
  sentHere: () => readonly string[],
) {
  const { id: userId } = useCurrentUser();
  const box = useRef<HTMLTextAreaElement>(null);
  const [draft] = useState(() => readDraft(userId, conversationId));
  const [text, setText] = useState(draft.text);
  const [cursor, setCursor] = useState(text.length);
  const [attachments, setAttachments] = useState<Attachments>(draft.attachments);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  /** Steps back in the history, and what was written before the first. */
  const [past, setPast] = useState<{ back: number; kept: string }>({ back: 0, kept: "" });
  const wantedCursor = useRef<number | null>(null);
  const mentions = useMentions(sessionId, text, cursor);
  const slash = useSlashCommands(sessionId, conversationId, text, cursor);
  useDraft(sessionId, conversationId, { text, attachments }, (taken) => {
    setText(taken.text);
    setCursor(taken.text.length);
    setAttachments(taken.attachments);
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    if (wantedCursor.current !== null) element.setSelectionRange(wantedCursor.current, wantedCursor.current);
    wantedCursor.current = null;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [text]);

  const write = (next: string, at = next.length) => {
    wantedCursor.current = at;
    setText(next);
    setCursor(at);
  };
  const attach = (attachment: Attachments[number]) =>
    setAttachments((before) => [
      ...before.filter(
        ({ path, lines }) => path !== attachment.path || String(lines) !== String(attachment.lines),
      ),
      attachment,
    ]);
  const choose = (choice: Choice) => {
    if (mentions.mention === null) return;
    if (choice.kind === "file") {
      const done = completeMention(text, cursor, mentions.mention, `@${choice.path}`);
      setChosen([...chosen, choice.path]);
      write(done.text, done.cursor);
      return;
    }
    const { name, path, line } = choice.symbol;
    const done = completeMention(text, cursor, mentions.mention, `\`${name}\``);
    attach({ path, lines: [line, line] });
    write(done.text, done.cursor);
  };
  const chooseCommand = (name: string) => {
    const done = completeSlash(text, cursor, name);
    write(done.text, done.cursor);
  };
  /** Puts an `@` where the cursor is, to choose a file. */
  const beginMention = () => {
    const before = text.slice(0, cursor);
    const at = /(^|\s)$/.test(before) ? "@" : " @";
    write(before + at + text.slice(cursor), cursor + at.length);
    box.current?.focus();
  };
  const detach = (attachment: Attachments[number]) =>
    setAttachments((before) => before.filter((other) => other !== attachment));
  /** One step back (1) or forth (-1) in what was sent before; false when there is nothing there. */
  const recall = (step: 1 | -1): boolean => {
    const here = sentHere();
    // First those of this conversation, then what this browser has sent in others of the session.
    const elsewhere = readPromptHistory(userId, sessionId).filter((entry) => !here.includes(entry));
    const history = [...elsewhere, ...new Set(here)];
    const back = past.back + step;
    if (back < 0 || back > history.length) return false;
    const kept = past.back === 0 ? text : past.kept;
    setPast({ back, kept });
    write(back === 0 ? kept : (history.at(-back) ?? ""));
    return true;
  };
  /** Takes out what is to be sent, and leaves an empty box. */
  const take = (): { text: string; attachments: Attachments } | null => {
    const prompt = text.trim();
    if (prompt === "" && attachments.length === 0) return null;
    const mentioned = mentionedPaths(prompt, chosen).map((path) => ({ path }));
    const named = new Set(attachments.filter(({ lines }) => lines === undefined).map(({ path }) => path));
    const all = [...attachments, ...mentioned.filter(({ path }) => !named.has(path))].slice(0, 50);
    if (prompt !== "") addToPromptHistory(userId, sessionId, prompt);
    setPast({ back: 0, kept: "" });
    setAttachments([]);
    setChosen([]);
    write("");
    return { text: prompt, attachments: all };
  };
  const edit = (next: string, at: number) => {
    setText(next);
    setCursor(at);
    if (past.back > 0) setPast({ back: 0, kept: "" });
  };
  return {
    box,
    text,
    cursor,
    attachments,
    mentions,
    slash,
    chooseCommand,
    inPast: past.back > 0,
    edit,
    write,
    setCursor,
    choose,
    beginMention,
    attach,
    detach,
    recall,
    take,
  };
}

export type Composing = ReturnType<typeof useComposer>;
