import type { ChangedFile } from "@remote-claude/protocol";

const maxSubject = 72;
const maxNamed = 3;

const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);

const verbs: Record<ChangedFile["status"], string> = {
  added: "Add",
  modified: "Change",
  deleted: "Remove",
  renamed: "Rename",
  conflicted: "Merge",
};

function subjectOf(files: readonly ChangedFile[]): string {
  const kinds = new Set(files.map(({ status }) => status));
  const [first] = kinds;
  const verb = kinds.size === 1 && first !== undefined ? verbs[first] : "Change";
  const names = files.map(({ path }) => nameOf(path));
  if (names.length > maxNamed) return `${verb} ${names.length} files`;
  const last = names.at(-1) ?? "";
  return `${verb} ${names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${last}` : last}`;
}

/** What a commit could be called without asking anybody: by the conversation's title, else by the files. */
export function proposedMessage(files: readonly ChangedFile[], title: string | null): string {
  if (files.length === 0) return "";
  const named =
    title
      ?.trim()
      .replace(/\s+/g, " ")
      .replace(/[.…]+$/, "") ?? "";
  const subject = named === "" ? subjectOf(files) : named.charAt(0).toUpperCase() + named.slice(1);
  return subject.length <= maxSubject ? subject : `${subject.slice(0, maxSubject - 1).trimEnd()}…`;
}

/** What Claude is asked in the conversation. */
export const askForMessage =
  "Please write a git commit message for what is uncommitted in the workspace: a subject line of at most 72 characters in the imperative, then a blank line and why, if it needs saying. Look at the changes (git status, git diff) if you have to. Answer with the message alone, in one code block, and do not commit.";

/** The message in Claude's answer: what stands in its last code block, else all of it. */
export function messageIn(answer: string): string {
  const block = [...answer.matchAll(/^(`{3,})[^\n`]*\n([\s\S]*?)^\1`*\s*$/gm)].at(-1)?.[2];
  return (block ?? answer).trim();
}
