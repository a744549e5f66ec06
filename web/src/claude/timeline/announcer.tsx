"use client";

import { useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import type { PermissionQuestion, TimelineItem } from "../model/items.ts";
import { lastSaid, saidSince } from "../model/said-since.ts";
import { usePane } from "../pane-context.tsx";
import { askSentence } from "../permission/permission-question-card.tsx";

type Notify = (text: string, options?: { priority: "normal" | "high" }) => void;

/** The browser's own way to speak to screen readers, where it has one: then nothing need be written into the page. */
function notifier(): Notify | null {
  const { ariaNotify } = document as Document & { ariaNotify?: Notify };
  return ariaNotify === undefined ? null : ariaNotify.bind(document);
}

/** So many sentences stay written into the page: one that follows at once must not push the last one out unheard. */
const keptSentences = 3;

interface Sentence {
  /** That of what it is said of: the same words can be said again. */
  readonly key: string;
  readonly text: string;
}

/** Says each new sentence once; what is there at first is not said. */
function useSaid(sentence: Sentence | null, priority: "normal" | "high"): readonly Sentence[] {
  const key = sentence?.key ?? null;
  const before = useRef(key);
  const [said, setSaid] = useState<readonly Sentence[]>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same key is the same sentence
  useEffect(() => {
    if (key === before.current) return;
    before.current = key;
    if (sentence === null) return;
    const notify = notifier();
    if (notify === null) setSaid((old) => [...old, sentence].slice(-keptSentences));
    else notify(sentence.text, { priority });
  }, [key, priority]);
  return said;
}

/** The newest that Claude has finished saying or doing; null for what was there when one came. */
function useNewest(items: readonly TimelineItem[]): Sentence | null {
  const last = lastSaid(items);
  const before = useRef(last);
  const [newest, setNewest] = useState<Sentence | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at when another item is the last finished one
  useEffect(() => {
    if (before.current === last) return;
    const text = saidSince(items, before.current);
    before.current = last;
    if (text !== null && last !== null) setNewest({ key: last, text });
  }, [last]);
  return newest;
}

/** What Claude asks, with what is not to be seen without looking: the command itself, the question itself. */
function askedOf(question: PermissionQuestion, cwd: string | null): Sentence {
  const { requestId, toolName, input } = question;
  const [asked] = Array.isArray(input.questions) ? input.questions : [];
  const about = toolName === "Bash" ? input.command : (asked as { question?: unknown } | undefined)?.question;
  const more = typeof about === "string" ? `: ${about.slice(0, 300)}` : "";
  return { key: requestId, text: `${askSentence(question, cwd)}${more}` };
}

const Sentences = ({ of }: { of: readonly Sentence[] }) => of.map(({ key, text }) => <p key={key}>{text}</p>);

/**
 * Tells screen readers what is new: each message once it is finished, each question, and how a turn ended. Not the
 * timeline itself, where words come one by one and rows come and go as one scrolls.
 */
export function Announcer({
  items,
  pending,
}: {
  items: readonly TimelineItem[];
  pending: readonly PermissionQuestion[];
}) {
  const { cwd } = usePane();
  const [first] = pending;
  const said = useSaid(useNewest(items), "normal");
  const asked = useSaid(first === undefined ? null : askedOf(first, cwd), "high");
  return createPortal(
    <div className="sr-only">
      <div aria-live="polite">
        <Sentences of={said} />
      </div>
      <div aria-live="assertive">
        <Sentences of={asked} />
      </div>
    </div>,
    document.body,
  );
}
