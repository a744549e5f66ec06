"use client";

import { memo, useMemo } from "react";
import { cn } from "../../lib/utils.ts";
import type { DiffLine } from "../model/diff.ts";
import { sideRows } from "../model/diff-sides.ts";
import { Tokens } from "../timeline/code-block.tsx";
import { type CodeToken, splitLines, useHighlighted } from "../timeline/highlight.ts";

function Side({
  line,
  number,
  tokens,
  divided = false,
}: {
  line: DiffLine | undefined;
  number: number | null;
  tokens: readonly CodeToken[];
  divided?: boolean;
}) {
  const color =
    line === undefined
      ? "bg-muted/40"
      : cn(
          line.type === "added" && "bg-[var(--diff-added)]",
          line.type === "removed" && "bg-[var(--diff-removed)]",
        );
  return (
    <>
      <td
        className={cn(
          "w-9 select-none px-1 text-right align-top text-muted-foreground/80",
          color,
          divided && "border-l",
        )}
      >
        {number}
      </td>
      <td
        className={cn("whitespace-pre-wrap break-words pr-2 pl-1 align-top [overflow-wrap:anywhere]", color)}
      >
        <Tokens tokens={tokens} />
      </td>
    </>
  );
}

/** One hunk in two columns: what was, and what is. */
export const SideHunk = memo(function SideHunk({
  lines,
  language,
}: {
  lines: readonly DiffLine[];
  language: string | null;
}) {
  const code = useMemo(() => lines.map(({ text }) => text).join("\n"), [lines]);
  const rows = useMemo(() => sideRows(lines), [lines]);
  const tokens = splitLines(useHighlighted(code, language));
  const side = (index: number | null) => ({
    line: index === null ? undefined : lines[index],
    tokens: index === null ? [] : (tokens[index] ?? []),
  });
  return (
    <tbody>
      {rows.map(({ before, after }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place
        <tr key={index}>
          <Side {...side(before)} number={before === null ? null : (lines[before]?.before ?? null)} />
          <Side {...side(after)} number={after === null ? null : (lines[after]?.after ?? null)} divided />
        </tr>
      ))}
    </tbody>
  );
});
