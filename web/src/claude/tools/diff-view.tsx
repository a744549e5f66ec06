"use client";

import { memo, useMemo } from "react";
import { cn } from "../../lib/utils.ts";
import type { DiffLine, FileDiff } from "../model/diff.ts";
import { Tokens } from "../timeline/code-block.tsx";
import { languageOfPath, splitLines, useHighlighted } from "../timeline/highlight.ts";
import { useRowState } from "../timeline/row-memory.ts";
import { SideHunk } from "./diff-sides.tsx";

const shownLines = 24;
const signs = { added: "+", removed: "-", same: " " };

/** One hunk: the lines of both sides in colours, with their numbers where these are known. */
const Hunk = memo(function Hunk({
  lines,
  language,
}: {
  lines: readonly DiffLine[];
  language: string | null;
}) {
  // Both sides at once: what spans lines (a comment, say) is then right on each.
  const code = useMemo(() => lines.map(({ text }) => text).join("\n"), [lines]);
  const tokens = splitLines(useHighlighted(code, language));
  const numbered = lines.some(({ before, after }) => before !== null || after !== null);
  const width = `${String(Math.max(...lines.map(({ before, after }) => Math.max(before ?? 0, after ?? 0)))).length}ch`;
  return (
    <tbody>
      {lines.map((line, index) => (
        <tr
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place
          key={index}
          className={cn(
            line.type === "added" && "bg-[var(--diff-added)]",
            line.type === "removed" && "bg-[var(--diff-removed)]",
          )}
        >
          {numbered && (
            <td className="w-0 select-none whitespace-nowrap px-2 text-right align-top text-muted-foreground">
              <span className="inline-block" style={{ minWidth: width }}>
                {line.type === "removed" ? line.before : line.after}
              </span>
            </td>
          )}
          <td className="w-0 select-none px-1 align-top text-muted-foreground">{signs[line.type]}</td>
          <td className="whitespace-pre-wrap break-words pr-3 [overflow-wrap:anywhere]">
            <Tokens tokens={tokens[index] ?? []} />
          </td>
        </tr>
      ))}
    </tbody>
  );
});

/** A diff in one column, or both sides beside each other; its beginning at once and the rest on demand. */
export function DiffView({ diff, sides = false }: { diff: FileDiff; sides?: boolean }) {
  const [open, setOpen] = useRowState(`diff ${diff.path}`, false);
  const total = diff.hunks.reduce((count, hunk) => count + hunk.length, 0);
  const cut = !open && total > shownLines + 4;
  const hunks = useMemo(() => (cut ? takeLines(diff.hunks, shownLines) : diff.hunks), [cut, diff]);
  const language = languageOfPath(diff.path);
  return (
    <>
      <div className={cn("overflow-x-auto py-1", open && "max-h-[70vh] overflow-y-auto")}>
        <table
          className={cn("claude-mono w-full border-collapse", sides && "min-w-[22rem] table-fixed")}
          aria-label={`Changes in ${diff.path}`}
        >
          {sides && (
            <colgroup>
              <col className="w-9" />
              <col />
              <col className="w-9" />
              <col />
            </colgroup>
          )}
          {hunks.flatMap((hunk, index) => [
            index > 0 && (
              // biome-ignore lint/suspicious/noArrayIndexKey: hunks have no identity but their place
              <tbody key={`gap-${index}`} aria-hidden>
                <tr>
                  <td colSpan={4} className="px-3 text-muted-foreground">
                    ⋯
                  </td>
                </tr>
              </tbody>
            ),
            sides ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: hunks have no identity but their place
              <SideHunk key={index} lines={hunk} language={language} />
            ) : (
              // biome-ignore lint/suspicious/noArrayIndexKey: hunks have no identity but their place
              <Hunk key={index} lines={hunk} language={language} />
            ),
          ])}
        </table>
      </div>
      {(cut || open) && (
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="block w-full border-t px-3 py-1 text-left text-[11px] text-muted-foreground hover:bg-hover hover:text-foreground"
        >
          {open ? "Show less" : `Show ${total - shownLines} more lines`}
        </button>
      )}
    </>
  );
}

function takeLines(hunks: FileDiff["hunks"], count: number): FileDiff["hunks"] {
  let left = count;
  return hunks.flatMap((hunk) => {
    const taken = hunk.slice(0, Math.max(0, left));
    left -= hunk.length;
    return taken.length === 0 ? [] : [taken];
  });
}
