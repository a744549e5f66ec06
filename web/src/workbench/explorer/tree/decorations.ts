import type { Reply } from "@remote-claude/protocol";
import { ancestorsOf } from "./paths.ts";

type GitChange = NonNullable<Reply<"workspace.status">["git"]>["changes"][number];
type Status = GitChange["status"];

/** How git's word on a file is shown: a letter at its end, and a colour. */
export interface Decoration {
  status: Status;
  letter: string;
  label: string;
  className: string;
}

const looks: Record<Status, Decoration> = {
  conflicted: { status: "conflicted", letter: "!", label: "Conflict", className: "text-destructive" },
  deleted: { status: "deleted", letter: "D", label: "Deleted", className: "text-destructive" },
  modified: { status: "modified", letter: "M", label: "Modified", className: "text-warning" },
  renamed: { status: "renamed", letter: "R", label: "Renamed", className: "text-success" },
  added: { status: "added", letter: "A", label: "Added", className: "text-success" },
  untracked: { status: "untracked", letter: "U", label: "Untracked", className: "text-success" },
};

/** Of all that happened inside a folder it shows the gravest. */
const gravest: readonly Status[] = ["conflicted", "modified", "deleted", "renamed", "added", "untracked"];

export interface Decorations {
  of(path: string): Decoration | null;
  /** The gravest of what lies in a folder. */
  inside(path: string): Decoration | null;
}

export const noDecorations: Decorations = { of: () => null, inside: () => null };

/** What to show for each path, from git's list of changes. */
export function decorationsOf(changes: readonly GitChange[]): Decorations {
  const own = new Map(changes.map(({ path, status }) => [path, status]));
  const folders = new Map<string, Status>();
  for (const { path, status } of changes) {
    for (const folder of ancestorsOf(path)) {
      const before = folders.get(folder);
      if (before === undefined || gravest.indexOf(status) < gravest.indexOf(before))
        folders.set(folder, status);
    }
  }
  // git names an untracked directory and not what is in it.
  const isInUntracked = (path: string) => ancestorsOf(path).some((folder) => own.get(folder) === "untracked");
  const statusOf = (path: string) => own.get(path) ?? (isInUntracked(path) ? "untracked" : undefined);
  return {
    of: (path) => {
      const status = statusOf(path);
      return status === undefined ? null : looks[status];
    },
    inside: (path) => {
      const status = folders.get(path) ?? statusOf(path);
      return status === undefined ? null : looks[status];
    },
  };
}
