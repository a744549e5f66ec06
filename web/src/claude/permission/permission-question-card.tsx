"use client";

import { type KeyboardEvent, memo, useId, useRef, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Input } from "../../components/ui/input.tsx";
import type { PermissionQuestion } from "../model/items.ts";
import { mcpName, shortPath, subjectOf } from "../model/tool-text.ts";
import { usePane } from "../pane-context.tsx";
import { AlwaysForm } from "./always-form.tsx";
import { type AnswerAction, answerKey } from "./answer-keys.ts";
import { Answered } from "./answered.tsx";
import { InputEditor } from "./input-editor.tsx";
import { KeyCap, KeysHint } from "./key-hint.tsx";
import { useAnswer } from "./use-answer.ts";

/** What Claude wants, as a sentence: "Claude wants to edit src/x.ts". */
export function askSentence({ toolName, input, title }: PermissionQuestion, cwd: string | null): string {
  if (title !== null) return title;
  const subject = subjectOf({ name: toolName, input, writing: null }, cwd);
  const short = subject === null ? "" : ` ${subject.split("\n")[0]?.slice(0, 120)}`;
  switch (toolName) {
    case "Bash":
      return "Claude wants to run this command";
    case "Write":
      return `Claude wants to write${short}`;
    case "Edit":
    case "MultiEdit":
    case "NotebookEdit":
      return `Claude wants to edit${short}`;
    case "Read":
      return `Claude wants to read${short}`;
    case "WebFetch":
      return `Claude wants to fetch${short}`;
    case "WebSearch":
      return `Claude wants to search the web for${short}`;
    case "ExitPlanMode":
      return "Claude has a plan and wants to begin";
    case "AskUserQuestion":
      return "Claude has a question for you";
    default: {
      const mcp = mcpName(toolName);
      return mcp === null ? `Claude wants to use ${toolName}` : `Claude wants to use ${mcp[1]} of ${mcp[0]}`;
    }
  }
}

/** A rule in words where that is easy, else as Claude Code writes it. */
export function ruleText(rule: string, cwd: string | null): string {
  if (rule === "mode: acceptEdits") return "all edits of files in this conversation";
  if (rule.startsWith("mode: ")) return `the mode ${rule.slice(6)} in this conversation`;
  if (rule.startsWith("directory: ")) {
    const folder = shortPath(rule.slice(11), cwd);
    return `files in ${folder === "." ? "the workspace" : folder}`;
  }
  return rule;
}

/** Below a call: the question with its buttons, and after it what was answered and by whom. */
export const PermissionQuestionCard = memo(function PermissionQuestionCard({
  question,
}: {
  question: PermissionQuestion;
}) {
  const { answer, toolName } = question;
  return answer === null ? <Asking question={question} /> : <Answered toolName={toolName} answer={answer} />;
});

function Asking({ question }: { question: PermissionQuestion }) {
  const { cwd } = usePane();
  const { answer, busy, mayAnswer } = useAnswer(question);
  const [form, setForm] = useState<"input" | "always" | null>(null);
  const card = useRef<HTMLDivElement>(null);
  const id = useId();
  /** Back to the buttons, whose keys are the card's. */
  const closeForm = () => {
    setForm(null);
    card.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (form === null || event.key !== "Escape" || event.nativeEvent.isComposing) return;
    event.preventDefault();
    closeForm();
  };
  const sentence = askSentence(question, cwd);
  if (!mayAnswer) {
    return (
      <p id={`question-${question.requestId}`} className="mt-1.5 text-muted-foreground text-xs">
        {sentence}. Someone who may answer must decide.
      </p>
    );
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would not take part in the layout
    <div
      ref={card}
      id={`question-${question.requestId}`}
      onKeyDown={onKeyDown}
      role="group"
      tabIndex={-1}
      aria-labelledby={id}
      className="mt-1.5 rounded-lg border border-warning/50 bg-warning-soft/60 p-2.5 outline-none focus-visible:ring-2 focus-visible:ring-ring"
    >
      <p id={id} className="font-medium [overflow-wrap:anywhere]">
        {sentence}
      </p>
      {question.reason !== null && (
        <p className="text-muted-foreground text-xs [overflow-wrap:anywhere]">{question.reason}</p>
      )}
      {form === "input" && (
        <InputEditor
          question={question}
          busy={busy}
          onAllow={(input) => void answer("allow", { input })}
          onCancel={closeForm}
        />
      )}
      {form === "always" && (
        <AlwaysForm
          suggested={question.suggested}
          busy={busy}
          onAllow={(rules, scope) => void answer("allow-always", { rules, scope })}
          onCancel={closeForm}
        />
      )}
      {form === null && <Buttons question={question} busy={busy} answer={answer} onOpen={setForm} />}
      {form === null && <KeysHint />}
      {form === null && question.rules.length > 0 && <SessionRules question={question} />}
    </div>
  );
}

function Buttons({
  question,
  busy,
  answer,
  onOpen,
}: {
  question: PermissionQuestion;
  busy: boolean;
  answer: ReturnType<typeof useAnswer>["answer"];
  onOpen(form: "input" | "always"): void;
}) {
  const [reason, setReason] = useState("");
  // Of an input that was too long for the journal the page has only a part.
  const canEdit = !("remoteClaudeCut" in question.input);
  const deny = (words: { stop?: boolean } = {}) =>
    void answer("deny", { ...words, ...(reason.trim() === "" ? {} : { message: reason.trim() }) });
  return (
    <div className="mt-2 flex flex-wrap items-center gap-1.5">
      <Choice
        primary
        busy={busy}
        label="Allow"
        action="allow"
        // What Claude Code asks to be careful with is not allowed by a stray key.
        hint={question.careful ? null : "Y"}
        onClick={() => void answer("allow")}
      />
      {question.rules.length > 0 && (
        <Choice
          busy={busy}
          label="Allow for this session"
          action="session"
          hint={question.careful ? null : "S"}
          onClick={() => void answer("allow-for-session")}
        />
      )}
      {question.suggested.length > 0 && (
        <Choice busy={busy} label="Always allow…" action="always" hint="A" onClick={() => onOpen("always")} />
      )}
      {canEdit && <Choice busy={busy} label="Edit" action="edit" hint="E" onClick={() => onOpen("input")} />}
      <Choice busy={busy} label="Deny" action="deny" hint="N" onClick={() => deny()} />
      <Button size="sm" variant="quiet" disabled={busy} onClick={() => deny({ stop: true })}>
        Deny and stop
      </Button>
      <Input
        aria-label="Reason for denying"
        placeholder="Or tell Claude what to do instead"
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
          event.preventDefault();
          deny();
        }}
        className="h-7 min-w-40 flex-1 text-xs max-sm:text-base"
      />
    </div>
  );
}

function Choice({
  label,
  action,
  hint,
  busy,
  primary = false,
  onClick,
}: {
  label: string;
  action: AnswerAction;
  hint: string | null;
  busy: boolean;
  primary?: boolean;
  onClick(): void;
}) {
  return (
    <Button
      variant={primary ? "primary" : "secondary"}
      size="sm"
      disabled={busy}
      onClick={onClick}
      title={hint === null ? undefined : `${hint}, or Alt+${hint} from the text box`}
      {...(hint === null ? {} : answerKey(action, hint))}
    >
      {label}
      {hint !== null && <KeyCap letter={hint} />}
    </Button>
  );
}

function SessionRules({ question }: { question: PermissionQuestion }) {
  const { cwd } = usePane();
  return (
    <p className="mt-1.5 text-[11px] text-muted-foreground">
      For this session:{" "}
      {question.rules.map((rule, index) => (
        <span key={rule}>
          {index > 0 && ", "}
          {ruleText(rule, cwd) === rule ? (
            <code className="claude-mono text-[11px] [overflow-wrap:anywhere]">{rule}</code>
          ) : (
            ruleText(rule, cwd)
          )}
        </span>
      ))}
    </p>
  );
}
