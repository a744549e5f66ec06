"use client";

import { Tokens } from "../timeline/code-block.tsx";
import { CopyButton } from "../timeline/copy-button.tsx";
import { useHighlighted } from "../timeline/highlight.ts";

/** Code in colours without a frame of its own, for cards. */
export function CodeBlockPlain({ code, language }: { code: string; language: string | null }) {
  const tokens = useHighlighted(code, language);
  return (
    <div className="group/code relative">
      <pre className="claude-mono max-h-80 overflow-auto whitespace-pre-wrap break-words px-3 py-2 pr-9">
        <Tokens tokens={tokens} />
      </pre>
      <CopyButton
        text={code}
        label="Copy"
        className="absolute top-1 right-1 opacity-0 focus-visible:opacity-100 group-hover/code:opacity-100 [@media(hover:none)]:opacity-100"
      />
    </div>
  );
}
