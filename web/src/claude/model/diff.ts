import { structuredPatch } from "diff";
import type { ToolCall } from "./items.ts";
import { asFields, type Fields, listOf, numberOf, stringOf } from "./sdk.ts";

export interface DiffLine {
  readonly type: "added" | "removed" | "same";
  /** Line numbers; null where they are not known, or there is none on that side. */
  readonly before: number | null;
  readonly after: number | null;
  readonly text: string;
}

/** What a call changes, or changed, in one file. */
export interface FileDiff {
  readonly path: string;
  readonly hunks: readonly (readonly DiffLine[])[];
  readonly added: number;
  readonly removed: number;
  readonly isNew: boolean;
}

/** Tools whose calls are shown as a diff. */
export const editTools: ReadonlySet<string> = new Set(["Edit", "Write", "MultiEdit", "NotebookEdit"]);

/** Where Claude Code writes its plans down before it asks to carry them out. */
export const isPlanFile = (path: string | undefined): boolean =>
  path !== undefined && /\/\.claude\/plans\/[^/]+\.md$/.test(path);

/** The diff of an editing call: as Claude Code made it when it is done, else worked out from what it wants. */
export function diffOf({
  name,
  input,
  result,
}: Pick<ToolCall, "name" | "input" | "result">): FileDiff | null {
  if (input === null || !editTools.has(name)) return null;
  const path = stringOf(input, "file_path") ?? stringOf(input, "notebook_path");
  if (path === null) return null;
  const structured = asFields(result?.structured);
  const patch = listOf(structured, "structuredPatch")
    .map(asFields)
    .filter((hunk) => hunk !== null);
  const hunks = patch.length > 0 ? patch.map(linesOfHunk) : hunksOfInput(name, input);
  const lines = hunks.flat();
  return {
    path,
    hunks,
    added: lines.filter(({ type }) => type === "added").length,
    removed: lines.filter(({ type }) => type === "removed").length,
    isNew: name === "Write" && stringOf(structured, "type") === "create",
  };
}

function hunksOfInput(name: string, input: Fields): DiffLine[][] {
  switch (name) {
    case "Write":
      return [allAdded(stringOf(input, "content") ?? "", 1)];
    case "NotebookEdit":
      return [allAdded(stringOf(input, "new_source") ?? "", null)];
    case "MultiEdit":
      return listOf(input, "edits").flatMap((edit) => hunksOfEdit(asFields(edit)));
    default:
      return hunksOfEdit(input);
  }
}

function hunksOfEdit(edit: Fields | null): DiffLine[][] {
  const before = stringOf(edit, "old_string") ?? "";
  const after = stringOf(edit, "new_string") ?? "";
  if (before === "") return [allAdded(after, null)];
  const patch = structuredPatch("", "", before, after, "", "", { context: 3, timeout: 100 });
  if (patch === undefined) return [[...allOf("removed", before), ...allOf("added", after)]];
  return patch.hunks.map(({ lines }) =>
    lines
      .filter((line) => !line.startsWith("\\"))
      .map((line) => ({ ...parseLine(line), before: null, after: null })),
  );
}

function allAdded(text: string, from: number | null): DiffLine[] {
  return allOf("added", text).map((line, index) => ({ ...line, after: from === null ? null : from + index }));
}

function allOf(type: DiffLine["type"], text: string): DiffLine[] {
  const lines = text.replace(/\n$/, "").split("\n");
  return text === "" ? [] : lines.map((line) => ({ type, before: null, after: null, text: line }));
}

function parseLine(line: string): Pick<DiffLine, "type" | "text"> {
  const type = line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : "same";
  return { type, text: line.slice(1) };
}

function linesOfHunk(hunk: Fields): DiffLine[] {
  let before = numberOf(hunk, "oldStart") ?? 1;
  let after = numberOf(hunk, "newStart") ?? 1;
  return listOf(hunk, "lines")
    .filter((line): line is string => typeof line === "string" && !line.startsWith("\\"))
    .map((line) => {
      const { type, text } = parseLine(line);
      return {
        type,
        before: type === "added" ? null : before++,
        after: type === "removed" ? null : after++,
        text,
      };
    });
}
