"use client";

import { type KeyboardEvent, useId, useRef, useState } from "react";
import { cn } from "../../../lib/utils.ts";
import { nameProblem, nameWarning, stemLength } from "./names.ts";

interface NameFieldProps {
  label: string;
  initial: string;
  type: "file" | "directory" | "other";
  siblings: readonly string[];
  /** Slashes make directories on the way. */
  nested: boolean;
  /** Takes the name, or throws with a sentence that is shown below the field. */
  onSubmit(name: string): Promise<void>;
  onCancel(): void;
}

/** Where a name is typed, in the tree's own line. Leaving it takes the name if it is good, as in VS Code. */
export function NameField({ label, initial, type, siblings, nested, onSubmit, onCancel }: NameFieldProps) {
  const [name, setName] = useState(initial);
  const [refusal, setRefusal] = useState<string | null>(null);
  const done = useRef(false);
  const messageId = useId();
  const problem = nameProblem(name, siblings, { nested, own: initial });
  const error = refusal ?? (name === "" ? null : problem);
  const message = error ?? nameWarning(name);

  const submit = async (leaving: boolean) => {
    if (done.current) return;
    const trimmed = name.trim();
    if (trimmed === initial || (leaving && problem !== null)) {
      done.current = true;
      onCancel();
      return;
    }
    if (problem !== null) {
      setRefusal(problem);
      return;
    }
    done.current = true;
    try {
      await onSubmit(trimmed);
    } catch (thrown) {
      done.current = false;
      setRefusal(thrown instanceof Error ? thrown.message : "That did not work. Try again.");
    }
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    event.stopPropagation();
    if (event.key === "Enter" && !event.nativeEvent.isComposing) void submit(false);
    if (event.key === "Escape") {
      done.current = true;
      onCancel();
    }
  };
  return (
    <span className="relative min-w-0 flex-1">
      <input
        ref={(input) => {
          if (input === null || input.dataset.ready) return;
          input.dataset.ready = "true";
          // After a menu that closes has given its focus back.
          requestAnimationFrame(() => {
            input.focus();
            input.setSelectionRange(0, stemLength(initial, type));
          });
        }}
        aria-label={label}
        aria-invalid={error !== null}
        aria-describedby={message === null ? undefined : messageId}
        autoCapitalize="off"
        autoComplete="off"
        autoCorrect="off"
        spellCheck={false}
        value={name}
        onChange={(event) => {
          setName(event.currentTarget.value);
          setRefusal(null);
        }}
        onBlur={() => void submit(true)}
        onKeyDown={onKeyDown}
        onClick={(event) => event.stopPropagation()}
        onDoubleClick={(event) => event.stopPropagation()}
        className={cn(
          "h-5 w-full rounded-sm border border-ring bg-surface px-1 text-[13px] text-foreground outline-none pointer-coarse:h-7",
          error !== null && "border-destructive",
        )}
      />
      {message !== null && (
        <span
          id={messageId}
          role="alert"
          className={cn(
            "absolute inset-x-0 top-full z-30 whitespace-normal break-words rounded-b-sm border px-1.5 py-1 text-xs shadow-pop",
            error === null
              ? "border-warning bg-warning-soft text-warning"
              : "border-destructive bg-destructive-soft text-destructive",
          )}
        >
          {message}
        </span>
      )}
    </span>
  );
}
