"use client";

import { type RuleScope, readRule } from "@remote-claude/protocol";
import { useId, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { focusAtEnd } from "../../lib/focus-at-end.ts";
import { scopeTexts } from "./scopes.ts";

/** What is allowed from now on, as a rule that one may change, and where it is kept. */
export function AlwaysForm({
  suggested,
  busy,
  onAllow,
  onCancel,
}: {
  suggested: readonly string[];
  busy: boolean;
  onAllow(rules: string[], scope: RuleScope): void;
  onCancel(): void;
}) {
  const [text, setText] = useState(suggested.join("\n"));
  const [scope, setScope] = useState<RuleScope>("local");
  const id = useId();
  const rules = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const wrong = rules.find((rule) => readRule(rule) === null);
  return (
    <form
      className="mt-2 flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        onAllow(rules, scope);
      }}
    >
      <textarea
        ref={focusAtEnd}
        aria-label="Always allow, one rule a line"
        aria-invalid={wrong !== undefined}
        aria-describedby={id}
        rows={Math.min(6, text.split("\n").length)}
        value={text}
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
        className="claude-mono w-full resize-none rounded-md border bg-background px-2 py-1.5 text-xs outline-none focus:border-ring max-sm:text-base"
      />
      <p
        id={id}
        className={wrong === undefined ? "text-[11px] text-muted-foreground" : "text-destructive text-xs"}
      >
        {wrong === undefined
          ? "In Claude Code's own words: Bash(npm test:*) is npm test with anything after it."
          : `${wrong} is no rule.`}
      </p>
      <fieldset className="flex flex-col gap-1">
        <legend className="mb-1 text-xs">Where it is kept</legend>
        {(Object.keys(scopeTexts) as RuleScope[]).map((option) => (
          <label key={option} className="flex cursor-pointer items-baseline gap-2 text-xs">
            <input
              type="radio"
              name={`${id} scope`}
              checked={scope === option}
              onChange={() => setScope(option)}
              className="accent-[var(--primary)]"
            />
            <span>
              {scopeTexts[option].label}
              <span className="text-muted-foreground"> · {scopeTexts[option].about}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <div className="flex gap-1.5">
        <Button
          type="submit"
          variant="primary"
          size="sm"
          disabled={busy || rules.length === 0 || wrong !== undefined}
        >
          Always allow
        </Button>
        <Button size="sm" variant="quiet" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
