"use client";

import { type ReactNode, useCallback, useId, useRef, useState } from "react";
import {
  AlertDialog,
  AlertDialogAction,
  AlertDialogCancel,
  AlertDialogContent,
  AlertDialogDescription,
  AlertDialogFooter,
  AlertDialogTitle,
} from "../../components/ui/alert-dialog.tsx";
import { buttonVariants } from "../../components/ui/button.tsx";

/** What a person is asked before something that cannot be taken back. */
export interface Question<Choice extends string = string> {
  title: string;
  text: ReactNode;
  /** The last one is what Enter chooses. Cancel is always there. */
  choices: readonly { id: Choice; label: string; variant?: "destructive" | "primary" | "secondary" }[];
  /** With this, a box that makes the answer count for the rest. */
  forAll?: string;
}

/** null: the person cancelled. */
export type Answer<Choice extends string = string> = { choice: Choice; forAll: boolean } | null;
export type Ask = <Choice extends string>(question: Question<Choice>) => Promise<Answer<Choice>>;

interface Asked {
  question: Question;
  answer(answer: Answer): void;
}

function Box({ asked, open }: { asked: Asked; open: boolean }) {
  const { question, answer } = asked;
  const [forAll, setForAll] = useState(false);
  const box = useId();
  const last = useRef<HTMLButtonElement>(null);
  return (
    <AlertDialog open={open} onOpenChange={(next) => !next && answer(null)}>
      <AlertDialogContent
        onOpenAutoFocus={(event) => {
          event.preventDefault();
          last.current?.focus();
        }}
      >
        <AlertDialogTitle>{question.title}</AlertDialogTitle>
        <AlertDialogDescription asChild>
          <div className="break-words">{question.text}</div>
        </AlertDialogDescription>
        {question.forAll !== undefined && (
          <label htmlFor={box} className="flex items-center gap-2">
            <input
              id={box}
              type="checkbox"
              className="accent-[var(--primary)]"
              checked={forAll}
              onChange={(event) => setForAll(event.currentTarget.checked)}
            />
            {question.forAll}
          </label>
        )}
        <AlertDialogFooter>
          <AlertDialogCancel>Cancel</AlertDialogCancel>
          {question.choices.map(({ id, label, variant = "secondary" }, index) => (
            <AlertDialogAction
              key={id}
              ref={index === question.choices.length - 1 ? last : null}
              className={buttonVariants({ variant })}
              onClick={() => answer({ choice: id, forAll })}
            >
              {label}
            </AlertDialogAction>
          ))}
        </AlertDialogFooter>
      </AlertDialogContent>
    </AlertDialog>
  );
}

/** Asks in a dialog: `await ask({…})`, and the element that draws it. */
export function useQuestion(): [Ask, ReactNode] {
  const [asked, setAsked] = useState<(Asked & { key: number; open: boolean }) | null>(null);
  const count = useRef(0);
  const ask = useCallback<Ask>(
    (question) =>
      new Promise((resolve) => {
        count.current += 1;
        const key = count.current;
        const answer = (given: Answer) => {
          setAsked((now) => (now?.key === key ? { ...now, open: false } : now));
          resolve(given as Answer<never>);
        };
        setAsked({ key, question, answer, open: true });
      }),
    [],
  );
  return [ask, asked === null ? null : <Box key={asked.key} asked={asked} open={asked.open} />];
}
