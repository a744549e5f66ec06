"use client";

import { memo, useId, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Input } from "../../components/ui/input.tsx";
import { cn } from "../../lib/utils.ts";
import type { PermissionQuestion } from "../model/items.ts";
import { mcpName, shortPath, subjectOf } from "../model/tool-text.ts";
import { usePane } from "../pane-context.tsx";
import { InputEditor } from "./input-editor.tsx";
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
    default: {
      const mcp = mcpName(toolName);
      return mcp === null ? `Claude wants to use ${toolName}` : `Claude wants to use ${mcp[1]} of ${mcp[0]}`;
    }
  }
}

/** A rule in words where that is easy, else as Claude Code writes it. */
export function ruleText(rule: string, cwd: string | null): string {
  if (rule === "mode: acceptEdits") return "all edits of files";
  if (rule.startsWith("mode: ")) return `the mode ${rule.slice(6)}`;
  if (rule.startsWith("directory: ")) return `files in ${shortPath(rule.slice(11), cwd)}`;
  return rule;
}

/** Below a call: the question with its buttons, and after it what was answered and by whom. */
export const PermissionQuestionCard = memo(function PermissionQuestionCard({
  question,
}: {
  question: PermissionQuestion;
}) {
  return question.answer === null ? <Asking question={question} /> : <Answered answer={question.answer} />;
});

function Asking({ question }: { question: PermissionQuestion }) {
  const { cwd } = usePane();
  const { answer, busy, mayAnswer } = useAnswer(question);
  const [reason, setReason] = useState("");
  const [editing, setEditing] = useState(false);
  // A plan is answered in words; of an input that was too long for the journal the page has only a part.
  const canEdit = question.toolName !== "ExitPlanMode" && !("remoteClaudeCut" in question.input);
  const deny = () => answer("deny", reason.trim() === "" ? {} : { message: reason.trim() });
  const id = useId();
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
      id={`question-${question.requestId}`}
      role="group"
      aria-labelledby={id}
      className="mt-1.5 rounded-lg border border-warning/50 bg-warning-soft/60 p-2.5"
    >
      <p id={id} className="font-medium [overflow-wrap:anywhere]">
        {sentence}
      </p>
      {editing && (
        <InputEditor
          question={question}
          busy={busy}
          onAllow={(input) => void answer("allow", { input })}
          onCancel={() => setEditing(false)}
        />
      )}
      <div className={cn("mt-2 flex flex-wrap items-center gap-1.5", editing && "hidden")}>
        <Button variant="primary" size="sm" disabled={busy} onClick={() => void answer("allow")}>
          Allow
          <Hint>1</Hint>
        </Button>
        {question.rules.length > 0 && (
          <Button size="sm" disabled={busy} onClick={() => void answer("allow-for-session")}>
            Allow for this session
            <Hint>2</Hint>
          </Button>
        )}
        {canEdit && (
          <Button size="sm" disabled={busy} onClick={() => setEditing(true)}>
            Edit
          </Button>
        )}
        <Button size="sm" disabled={busy} onClick={() => void deny()}>
          Deny
          <Hint>3</Hint>
        </Button>
        <Input
          aria-label="Reason for denying"
          placeholder="Or tell Claude what to do instead"
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
            event.preventDefault();
            void deny();
          }}
          className="h-7 min-w-40 flex-1 text-xs"
        />
      </div>
      {!editing && question.rules.length > 0 && (
        <p className="mt-1.5 text-[11px] text-muted-foreground">
          For this session:{" "}
          {question.rules.map((rule, index) => (
            <span key={rule}>
              {index > 0 && ", "}
              <code className="claude-mono text-[11px] [overflow-wrap:anywhere]">{ruleText(rule, cwd)}</code>
            </span>
          ))}
        </p>
      )}
    </div>
  );
}

/** The key that does the same, for those who see; the button's name stays the word alone. */
function Hint({ children }: { children: string }) {
  return (
    <kbd aria-hidden className="hidden font-sans text-[10px] opacity-60 sm:inline">
      {children}
    </kbd>
  );
}

const decisions = {
  allow: "Allowed",
  "allow-for-session": "Allowed for this session",
  "allow-always": "Always allowed",
  deny: "Denied",
  withdrawn: "Not answered before the turn ended",
} as const;

function Answered({ answer }: { answer: NonNullable<PermissionQuestion["answer"]> }) {
  return (
    <p className="mt-1 text-[11px] text-muted-foreground [overflow-wrap:anywhere]">
      {decisions[answer.decision]}
      {answer.changed && ", changed"}
      {answer.by !== null && ` by ${answer.by.name}`}
      {answer.message !== null && answer.message !== "" && `: “${answer.message}”`}
    </p>
  );
}
