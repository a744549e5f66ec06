"use client";

import { memo } from "react";
import { CopyButton } from "./copy-button.tsx";
import { type CodeToken, useHighlighted } from "./highlight.ts";

/** Tokens as spans; texts only, so nothing in them can become markup. */
export function Tokens({ tokens }: { tokens: readonly CodeToken[] }) {
  return tokens.map(({ text, style }, index) =>
    style === "" ? (
      text
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: tokens have no identity but their place
      <span key={index} className={style}>
        {text}
      </span>
    ),
  );
}

/** A fenced block of code with its language and a copy button. */
export const CodeBlock = memo(function CodeBlock({
  code,
  language,
}: {
  code: string;
  language: string | null;
}) {
  const tokens = useHighlighted(code, language);
  return (
    <div className="group/code relative my-2 overflow-hidden rounded-lg border bg-surface">
      <div className="flex h-7 items-center justify-between border-b bg-muted/60 pr-1 pl-3 text-[11px] text-muted-foreground">
        <span>{language ?? "text"}</span>
        <CopyButton text={code} label="Copy code" />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: code that scrolls must be reachable by keyboard */}
      <pre tabIndex={0} className="claude-code overflow-x-auto px-3 py-2">
        <code>
          <Tokens tokens={tokens} />
        </code>
      </pre>
    </div>
  );
});
