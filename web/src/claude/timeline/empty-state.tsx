"use client";

import { BookOpenIcon, BugIcon, FlaskConicalIcon } from "lucide-react";
import { BrandMark } from "../../components/brand.tsx";

const suggestions = [
  { Icon: BookOpenIcon, text: "Explain how this project is built and where to begin reading" },
  { Icon: BugIcon, text: "Find a bug in this code and fix it" },
  { Icon: FlaskConicalIcon, text: "Run the tests and fix what fails" },
];

/** A conversation without a word: what one might ask. */
export function EmptyState({ onChoose, disabled }: { onChoose(text: string): void; disabled: boolean }) {
  return (
    <div className="flex min-h-[55vh] flex-col items-center justify-center gap-4 px-2 text-center">
      <BrandMark className="size-9" />
      <div>
        <h2 className="font-semibold text-base">What shall we do?</h2>
        <p className="mt-1 text-balance text-muted-foreground">
          Claude reads and changes the files of this session and runs commands. Whether it asks before it does
          is up to the mode below.
        </p>
      </div>
      <ul className="flex w-full max-w-sm flex-col gap-1.5">
        {suggestions.map(({ Icon, text }) => (
          <li key={text}>
            <button
              type="button"
              disabled={disabled}
              onClick={() => onChoose(text)}
              className="flex w-full items-center gap-2.5 rounded-lg border bg-surface px-3 py-2 text-left hover:border-border-strong hover:bg-hover disabled:opacity-60"
            >
              <Icon aria-hidden className="size-4 shrink-0 text-clay" />
              {text}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
