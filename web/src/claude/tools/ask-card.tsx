"use client";

import type { FormEvent } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Input } from "../../components/ui/input.tsx";
import type { ToolCall } from "../model/items.ts";
import { asFields, type Fields, listOf, stringOf } from "../model/sdk.ts";
import { useAnswer } from "../permission/use-answer.ts";
import { useRowState } from "../timeline/row-memory.ts";
import { ToolFrame } from "./tool-frame.tsx";

interface Question {
  text: string;
  header: string;
  many: boolean;
  options: { label: string; description: string | null; preview: string | null }[];
}

function questionsOf(input: Fields | null): Question[] {
  return listOf(input, "questions").flatMap((value) => {
    const fields = asFields(value);
    const text = stringOf(fields, "question");
    if (text === null) return [];
    const options = listOf(fields, "options").flatMap((option) => {
      const given = asFields(option);
      const label = stringOf(given, "label");
      if (label === null) return [];
      return [{ label, description: stringOf(given, "description"), preview: stringOf(given, "preview") }];
    });
    return [{ text, header: stringOf(fields, "header") ?? "", many: fields?.multiSelect === true, options }];
  });
}

/** What was chosen and written for one question. */
interface Choice {
  labels: readonly string[];
  other: string;
}

const nothing: Choice = { labels: [], other: "" };
const answerOf = ({ labels, other }: Choice) =>
  [...labels, ...(other.trim() === "" ? [] : [other.trim()])].join(", ");

function OneQuestion({
  question,
  choice,
  onChange,
}: {
  question: Question;
  choice: Choice;
  onChange(choice: Choice): void;
}) {
  const toggle = (label: string) => {
    const has = choice.labels.includes(label);
    if (question.many) {
      onChange({
        ...choice,
        labels: has ? choice.labels.filter((other) => other !== label) : [...choice.labels, label],
      });
    } else onChange({ labels: [label], other: "" });
  };
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1.5 font-medium">
        {question.header !== "" && (
          <span className="mr-1.5 rounded bg-clay-soft px-1.5 py-0.5 text-[11px] text-clay">
            {question.header}
          </span>
        )}
        {question.text}
        {question.many && (
          <span className="font-normal text-muted-foreground text-xs"> Several may be chosen.</span>
        )}
      </legend>
      {question.options.map(({ label, description, preview }) => (
        <label
          key={label}
          className="flex cursor-pointer items-start gap-2.5 rounded-md border px-2.5 py-1.5 hover:bg-hover has-checked:border-ring has-checked:bg-clay-soft/50"
        >
          <input
            type={question.many ? "checkbox" : "radio"}
            name={question.text}
            checked={choice.labels.includes(label)}
            onChange={() => toggle(label)}
            className="mt-1 accent-[var(--primary)]"
          />
          <span className="min-w-0 flex-1">
            {label}
            {description !== null && (
              <span className="block text-muted-foreground text-xs">{description}</span>
            )}
            {preview !== null && (
              <code className="claude-mono mt-1 block max-h-60 overflow-auto whitespace-pre rounded-md border bg-background px-2 py-1.5 text-[11px]">
                {preview}
              </code>
            )}
          </span>
        </label>
      ))}
      <Input
        aria-label={`Another answer to: ${question.text}`}
        placeholder="Something else…"
        value={choice.other}
        onChange={(event) =>
          onChange({ labels: question.many ? choice.labels : [], other: event.target.value })
        }
      />
    </fieldset>
  );
}

/** AskUserQuestion: Claude's questions as a form. */
export function AskCard({ call }: { call: ToolCall }) {
  const questions = questionsOf(call.input);
  const [choices, setChoices] = useRowState<readonly Choice[]>(`choices ${call.id}`, []);
  const { answer, busy, mayAnswer } = useAnswer(call.question);
  const asking = call.state === "asking" && mayAnswer;
  const complete = questions.every((_, index) => answerOf(choices[index] ?? nothing) !== "");
  const send = (event: FormEvent) => {
    event.preventDefault();
    const answers = questions.map(({ text }, index) => [text, answerOf(choices[index] ?? nothing)]);
    void answer("allow", { answers: Object.fromEntries(answers) });
  };
  const structured = asFields(asFields(call.result?.structured)?.answers);
  const answerTo = (question: string) => stringOf(structured, question);
  return (
    <ToolFrame
      call={call}
      open
      title={<span className="font-medium">{call.state === "asking" ? "Claude asks" : "Claude asked"}</span>}
    >
      {asking ? (
        <form
          id={`question-${call.question?.requestId}`}
          tabIndex={-1}
          aria-label="Claude's questions"
          onSubmit={send}
          className="flex flex-col gap-4 p-3 outline-none"
        >
          {questions.map((question, index) => (
            <OneQuestion
              key={question.text}
              question={question}
              choice={choices[index] ?? nothing}
              onChange={(choice) =>
                setChoices(
                  questions.map((_, other) => (other === index ? choice : (choices[other] ?? nothing))),
                )
              }
            />
          ))}
          <div className="flex gap-2">
            <Button type="submit" variant="primary" size="sm" disabled={busy || !complete}>
              Send answers
            </Button>
            <Button
              size="sm"
              disabled={busy}
              onClick={() => void answer("deny", { message: "I would rather not answer; decide yourself." })}
            >
              Skip
            </Button>
          </div>
        </form>
      ) : (
        <ul className="flex flex-col gap-1.5 px-3 py-2">
          {questions.map(({ text }) => (
            <li key={text}>
              {text}
              {answerTo(text) !== null && <span className="block font-medium">{answerTo(text)}</span>}
            </li>
          ))}
        </ul>
      )}
    </ToolFrame>
  );
}
