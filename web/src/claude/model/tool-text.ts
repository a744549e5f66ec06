import type { ToolCall } from "./items.ts";
import { readPartialString } from "./partial-json.ts";
import { asFields, listOf, numberOf, own, stringOf } from "./sdk.ts";

/** A path as people know it: relative to the workspace where it lies in it. */
export function shortPath(path: string, cwd: string | null): string {
  const workspacePath = toWorkspacePath(path, cwd);
  return workspacePath === null ? path : workspacePath === "" ? "." : workspacePath;
}

/** The path inside the workspace, or null when it lies outside. */
export function toWorkspacePath(path: string, cwd: string | null): string | null {
  if (!path.startsWith("/")) return path.split("/").includes("..") ? null : path.replace(/^\.\//, "");
  // Before the first message of Claude Code the place of the workspace is not known.
  const root = (cwd ?? /^.*?\/workspace(?=\/|$)/.exec(path)?.[0] ?? "").replace(/\/$/, "");
  if (root === "" || (path !== root && !path.startsWith(`${root}/`))) return null;
  const inside = path.slice(root.length + 1);
  return inside.split("/").includes("..") ? null : inside;
}

/** `mcp__github__create_issue` → ["github", "create issue"]. */
export function mcpName(name: string): [server: string, tool: string] | null {
  const match = /^mcp__(.+?)__(.+)$/.exec(name);
  return match?.[1] && match[2] ? [match[1], match[2].replaceAll("_", " ")] : null;
}

const pathFields: Readonly<Record<string, string>> = {
  Read: "file_path",
  Edit: "file_path",
  MultiEdit: "file_path",
  Write: "file_path",
  NotebookEdit: "notebook_path",
  LS: "path",
};

const subjectFields: Readonly<Record<string, string>> = {
  ...pathFields,
  Bash: "command",
  Grep: "pattern",
  Glob: "pattern",
  WebFetch: "url",
  WebSearch: "query",
  web_search: "query",
  Task: "description",
  Agent: "description",
  Skill: "skill",
  ToolSearch: "query",
  TaskCreate: "subject",
  CronCreate: "prompt",
  ScheduleWakeup: "reason",
  Monitor: "description",
  EnterWorktree: "name",
  SendMessage: "to",
  ReadMcpResourceTool: "uri",
  ReadMcpResourceDirTool: "uri",
  BashOutput: "bash_id",
  KillShell: "shell_id",
  Workflow: "name",
};

/** What the call is about: a path, a command, a pattern. Known early, while the call is still being written. */
export function subjectOf(
  { name, input, writing }: Pick<ToolCall, "name" | "input" | "writing">,
  cwd: string | null,
) {
  const field = own(subjectFields, name);
  if (field === undefined) return null;
  const value = input === null ? readPartialString(writing ?? "", field) : stringOf(input, field);
  if (value === null) return null;
  if (name === "ToolSearch") return value.replace(/^select:/, "").replaceAll(",", ", ");
  return Object.hasOwn(pathFields, name) ? shortPath(value, cwd) : value;
}

/** Before it may begin, and where nothing came of it. */
const wishes: Readonly<Record<string, string>> = {
  Read: "Read",
  Edit: "Edit",
  MultiEdit: "Edit",
  Write: "Write",
  NotebookEdit: "Edit",
  WebFetch: "Fetch",
  WebSearch: "Search the web for",
};

const verbs: Readonly<Record<string, [doing: string, done: string]>> = {
  Read: ["Reading", "Read"],
  Edit: ["Editing", "Edited"],
  MultiEdit: ["Editing", "Edited"],
  Write: ["Writing", "Wrote"],
  NotebookEdit: ["Editing", "Edited"],
  LS: ["Listing", "Listed"],
  Grep: ["Searching", "Searched"],
  Glob: ["Looking for", "Looked for"],
  Bash: ["Running", "Ran"],
  WebFetch: ["Fetching", "Fetched"],
  WebSearch: ["Searching the web for", "Searched the web for"],
  web_search: ["Searching the web for", "Searched the web for"],
  Task: ["Agent at work:", "Agent:"],
  Agent: ["Agent at work:", "Agent:"],
  TodoWrite: ["Updating the to-do list", "Updated the to-do list"],
  TaskCreate: ["Adding to the to-do list:", "Added to the to-do list:"],
  TaskUpdate: ["Updating the to-do list", "Updated the to-do list"],
  TaskGet: ["Looking at the to-do list", "Looked at the to-do list"],
  TaskList: ["Looking at the to-do list", "Looked at the to-do list"],
  TaskStop: ["Ending a background task", "Ended a background task"],
  BashOutput: ["Looking at a background command", "Looked at a background command"],
  KillShell: ["Ending a background command", "Ended a background command"],
  CronCreate: ["Scheduling:", "Scheduled:"],
  CronDelete: ["Ending a schedule", "Ended a schedule"],
  CronList: ["Looking at the schedule", "Looked at the schedule"],
  ScheduleWakeup: ["Setting a time to go on:", "Will go on later:"],
  Monitor: ["Beginning to watch:", "Watches:"],
  EnterWorktree: ["Making a worktree", "Went into the worktree"],
  ExitWorktree: ["Leaving the worktree", "Left the worktree"],
  ListAgents: ["Looking for other agents", "Looked for other agents"],
  SendMessage: ["Sending a message to", "Sent a message to"],
  ListMcpResourcesTool: ["Listing resources", "Listed resources"],
  ListMcpResources: ["Listing resources", "Listed resources"],
  ReadMcpResourceTool: ["Reading", "Read"],
  ReadMcpResourceDirTool: ["Listing", "Listed"],
  ReportFindings: ["Reporting findings", "Reported findings"],
  Workflow: ["Starting the workflow", "Started the workflow"],
  ExitPlanMode: ["Presenting the plan", "Presented the plan"],
  EnterPlanMode: ["Beginning to plan", "Began to plan"],
  AskUserQuestion: ["Asking you", "Asked you"],
  Skill: ["Using the skill", "Used the skill"],
  ToolSearch: ["Looking for tools:", "Looked for tools:"],
};

/** The verb before the subject, by whether the call is over; for an unknown tool its name. */
export function verbOf({ name, state }: Pick<ToolCall, "name" | "state">): string {
  const over = state === "done" || state === "failed";
  const wish = own(wishes, name);
  if (wish !== undefined && state !== "done" && state !== "running" && state !== "writing") return wish;
  const known = own(verbs, name);
  if (known !== undefined) return over ? known[1] : known[0];
  const mcp = mcpName(name);
  if (mcp !== null) return `${mcp[1]} (${mcp[0]})`;
  return name === "" ? "Preparing" : name;
}

/** "12 lines", "3 files": what a small call found. */
export function outcomeOf({ name, result }: Pick<ToolCall, "name" | "result">): string | null {
  if (result === null || result.isError) return null;
  const structured = asFields(result.structured);
  const lines = numberOf(asFields(structured?.file), "numLines");
  if (name === "Read") return lines === null ? null : plural(lines, "line");
  const matches = numberOf(structured, "numMatches");
  if (matches !== null) return plural(matches, "match", "matches");
  const found = numberOf(structured, "numLines");
  if (name === "Grep" && found !== null) return plural(found, "line");
  const files = numberOf(structured, "numFiles") ?? listOf(structured, "filenames").length;
  return files === 0 ? null : plural(files, "file");
}

export const plural = (count: number, one: string, many = `${one}s`) =>
  `${count} ${count === 1 ? one : many}`;

/** "0.4 s", "12 s", "3 min 20 s". */
export function formatDuration(ms: number): string {
  if (ms < 950) return `${Math.max(0.1, Math.round(ms / 100) / 10)} s`;
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1).replace(/\.0$/, "")} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(Math.round(seconds) / 60);
  const rest = Math.round(seconds) % 60;
  if (minutes < 60) return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
