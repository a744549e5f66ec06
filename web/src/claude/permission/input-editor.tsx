"use client";

import { useId, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { focusAtEnd } from "../../lib/focus-at-end.ts";
import type { PermissionQuestion } from "../model/items.ts";

type Input = PermissionQuestion["input"];

/** The one field that people mean by "the input", where a tool has one; all of it as JSON elsewhere. */
const mainFields: Readonly<Record<string, string>> = {
  Bash: "command",
  WebFetch: "url",
  WebSearch: "query",
  Write: "content",
};

function read(text: string, { toolName, input }: PermissionQuestion): Input | null {
  const field = mainFields[toolName];
  if (field !== undefined) return { ...input, [field]: text };
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? (parsed as Input) : null;
  } catch {
    return null;
  }
}

/** Changes what a tool is to do before it is allowed, once. */
export function InputEditor({
  question,
  busy,
  onAllow,
  onCancel,
}: {
  question: PermissionQuestion;
  busy: boolean;
  onAllow(input: Input): void;
  onCancel(): void;
}) {
  const { toolName, input } = question;
  const field = mainFields[toolName];
  const [text, setText] = useState(() =>
    field === undefined ? JSON.stringify(input, null, 2) : String(input[field] ?? ""),
  );
  const id = useId();
  const changed = read(text, question);
  return (
    <div className="mt-2 flex flex-col gap-1.5">
      <textarea
        ref={focusAtEnd}
        aria-label={`What ${toolName} is to do`}
        aria-describedby={changed === null ? id : undefined}
        aria-invalid={changed === null}
        rows={Math.min(12, text.split("\n").length + 1)}
        value={text}
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
        className="claude-mono w-full resize-none rounded-md border bg-background px-2 py-1.5 text-xs outline-none focus:border-ring max-sm:text-base"
      />
      {changed === null && (
        <p id={id} className="text-destructive text-xs">
          This is no JSON object.
        </p>
      )}
      <div className="flex gap-1.5">
        <Button
          variant="primary"
          size="sm"
          disabled={busy || changed === null || text.trim() === ""}
          onClick={() => changed !== null && onAllow(changed)}
        >
          Allow as changed
        </Button>
        <Button size="sm" variant="quiet" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </div>
  );
}
