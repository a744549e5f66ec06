import type { FileEntry } from "@remote-claude/protocol";
import { useWorkbench } from "../../store.ts";
import type { Question } from "../question-dialog.tsx";
import { isWithin, nameOf, parentOf } from "../tree/paths.ts";

/** Before something is deleted; says so when edits would be lost with it. */
export function deleteQuestion(entries: readonly FileEntry[]): Question<"delete"> {
  const [first] = entries;
  const one = entries.length === 1 && first !== undefined;
  const unsaved = useWorkbench
    .getState()
    .dirtyFiles.some((path) => entries.some((entry) => isWithin(path, entry.path)));
  const folder = one && first.type === "directory" && !first.symlink;
  const what = one
    ? `“${first.name}”${folder ? " and all that is in it" : ""}`
    : `these ${entries.length} entries`;
  const names = entries
    .slice(0, 8)
    .map(({ name }) => name)
    .join(", ");
  const more = entries.length > 8 ? ` and ${entries.length - 8} more` : "";
  const text = `${one ? "" : `${names}${more}. `}${unsaved ? "There are unsaved edits in it. " : ""}This cannot be undone.`;
  return {
    title: `Delete ${what}?`,
    text,
    choices: [{ id: "delete", label: "Delete", variant: "destructive" }],
  };
}

/** Before something that is moved takes another one's place. */
export function replaceQuestion(to: string): Question<"replace"> {
  const where = parentOf(to);
  return {
    title: `Replace “${nameOf(to)}”?`,
    text: `${where === "" ? "The workspace" : `“${where}”`} holds an entry of that name already. Replacing it cannot be undone.`,
    choices: [{ id: "replace", label: "Replace", variant: "destructive" }],
  };
}

/** Before an upload takes a file's place; `left` more are asked about after it. */
export function uploadQuestion(path: string, left: number): Question<"replace" | "keep-both" | "skip"> {
  return {
    title: `“${nameOf(path)}” exists already`,
    text: `The workspace holds ${path}. What should happen to the file that is uploaded?`,
    choices: [
      { id: "skip", label: "Skip it" },
      { id: "replace", label: "Replace", variant: "destructive" },
      { id: "keep-both", label: "Keep both", variant: "primary" },
    ],
    ...(left > 0
      ? {
          forAll: `Do the same with the other ${left === 1 ? "file that exists" : `${left} files that exist`} already`,
        }
      : {}),
  };
}
