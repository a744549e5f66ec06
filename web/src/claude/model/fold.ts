import type { TimelineItem, ToolCall } from "./items.ts";
import { own } from "./sdk.ts";

/** Calls that only look around; a run of them is one line until someone wants to see it. */
export const smallTools: ReadonlySet<string> = new Set([
  "Read",
  "Grep",
  "Glob",
  "LS",
  "ToolSearch",
  "ListAgents",
  "ListMcpResources",
  "ListMcpResourcesTool",
  "ReadMcpResourceTool",
  "ReadMcpResourceDirTool",
  "CronList",
  "TaskCreate",
  "TaskUpdate",
  "TaskGet",
  "TaskList",
  "TodoRead",
]);

/** A picture that was read is worth seeing. */
const folds = (call: ToolCall) =>
  smallTools.has(call.name) &&
  (call.state === "done" || call.state === "running") &&
  (call.result?.images.length ?? 0) === 0;

/** Puts runs of two and more small calls into groups. */
export function foldItems(items: readonly TimelineItem[]): readonly TimelineItem[] {
  const folded: TimelineItem[] = [];
  let run: (TimelineItem & { kind: "tool" })[] = [];
  const flush = () => {
    const [first] = run;
    if (run.length > 1 && first !== undefined) {
      folded.push({ kind: "tool-group", key: `group:${first.key}`, calls: run.map(({ call }) => call) });
    } else folded.push(...run);
    run = [];
  };
  for (const item of items) {
    if (item.kind === "tool" && folds(item.call)) run.push(item);
    else {
      flush();
      folded.push(item);
    }
  }
  flush();
  return folded;
}

const nouns: Readonly<Record<string, [verb: string, one: string, many: string]>> = {
  Read: ["Read", "file", "files"],
  Grep: ["Searched", "pattern", "patterns"],
  Glob: ["Looked for", "file pattern", "file patterns"],
  LS: ["Listed", "directory", "directories"],
  TaskCreate: ["Added", "to-do", "to-dos"],
  TaskUpdate: ["Updated", "to-do", "to-dos"],
};

/** "Read 5 files, searched 2 patterns". Looking for tools goes without saying where something else was done. */
export function groupSentence(calls: readonly ToolCall[]): string {
  const telling = calls.filter(({ name }) => name !== "ToolSearch");
  if (telling.length === 0) return "Looked for tools";
  const counts = new Map<string, number>();
  for (const { name } of telling) {
    const kind = own(nouns, name) === undefined ? "other" : name;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const parts = [...counts].map(([name, count]) => {
    const [verb, one, many] = own(nouns, name) ?? ["Looked up", "thing", "things"];
    return `${verb} ${count} ${count === 1 ? one : many}`;
  });
  return parts
    .map((part, index) => (index === 0 ? part : part.charAt(0).toLowerCase() + part.slice(1)))
    .join(", ");
}
