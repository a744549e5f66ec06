import { isAbsolute, relative } from "node:path";
import type { CanUseTool, PermissionResult, PermissionUpdate } from "@anthropic-ai/claude-agent-sdk";
import {
  AppError,
  type PermissionDecision,
  type PermissionMode,
  type RuleScope,
  type RuleValue,
  readRule,
  spellRule,
} from "@remote-claude/protocol";
import type { Granted } from "./session-grants.ts";

type AskOptions = Parameters<CanUseTool>[2];
type Input = Readonly<Record<string, unknown>>;

/** What a person decided, without who they are. */
export interface Decision {
  readonly decision: PermissionDecision;
  readonly message?: string | null | undefined;
  /** Of AskUserQuestion: what was chosen, by the question's text. */
  readonly answers?: Readonly<Record<string, string>> | undefined;
  /** What the tool is to do instead. */
  readonly input?: Input | undefined;
  /** Of `allow-always`: what is to be kept, and where. */
  readonly rules?: readonly string[] | undefined;
  readonly scope?: RuleScope | undefined;
  /** Of a plan that is allowed: how Claude goes on. */
  readonly mode?: PermissionMode | undefined;
  /** Of a denial: the turn ends with it. */
  readonly stop?: boolean | undefined;
}

export interface AskedOf {
  readonly toolName: string;
  readonly input: Input;
  readonly updates: readonly PermissionUpdate[];
}

export const planTool = "ExitPlanMode";
const editTools = new Set(["Edit", "MultiEdit", "NotebookEdit", "Write"]);
/** They are questions themselves: no rule answers them. */
const questionTools = new Set([planTool, "AskUserQuestion"]);
const destinations = {
  local: "localSettings",
  project: "projectSettings",
  user: "userSettings",
} as const satisfies Record<Exclude<RuleScope, "session">, string>;

/** What "allow for this session" hands back: all that Claude Code suggests, as one part may need another. */
export function sessionUpdates(options: AskOptions, permissionModes: readonly string[]): PermissionUpdate[] {
  if (options.suppressAlwaysAllowRule) return [];
  return (options.suggestions ?? [])
    .filter((update) => update.type !== "setMode" || isModeToGoOnIn(update.mode, permissionModes))
    .map((update) => ({ ...update, destination: "session" as const }));
}

/** Rules that would allow the like of this call always; a person may change them before they are kept. */
export function suggestedRules(
  toolName: string,
  input: Input,
  options: AskOptions,
  workspace: string,
): string[] {
  if (options.suppressAlwaysAllowRule || questionTools.has(toolName)) return [];
  const rules = (options.suggestions ?? []).flatMap(allowedBy).map(spellRule);
  if (rules.length > 0) return rules;
  const path = input.file_path ?? input.notebook_path;
  if (!editTools.has(toolName) || typeof path !== "string") return [toolName];
  const within = relative(workspace, path);
  // In Claude Code's rules one slash is the project's root, two are the file system's.
  return [`Edit(${within.startsWith("..") || isAbsolute(within) ? `/${path}` : `/${within}`})`];
}

/** What goes beyond the one call of it, and outlives the process. */
export function grantedBy({ updates }: AskedOf, { decision, rules, scope }: Decision): Granted {
  if (decision === "allow-always") {
    // Claude Code goes by what a project's own file allows only in a folder that somebody trusted: it is told besides.
    const told = scope === "session" || scope === "project";
    return { rules: told ? (rules ?? []) : [], directories: [] };
  }
  if (decision !== "allow-for-session") return { rules: [], directories: [] };
  return {
    rules: updates.flatMap(allowedBy).map(spellRule),
    directories: updates.flatMap((update) => (update.type === "addDirectories" ? update.directories : [])),
  };
}

/** A suggestion in Claude Code's rule syntax, for people to read. */
export function describeUpdate(update: PermissionUpdate): string[] {
  switch (update.type) {
    case "addRules":
    case "replaceRules":
    case "removeRules":
      return update.rules.map(({ toolName, ruleContent }) =>
        ruleContent === undefined ? toolName : `${toolName}(${ruleContent})`,
      );
    case "setMode":
      return [`mode: ${update.mode}`];
    case "addDirectories":
    case "removeDirectories":
      return update.directories.map((directory) => `directory: ${directory}`);
  }
}

/** Refuses what does not fit the question; answers with the mode in which Claude goes on after a plan. */
export function checkDecision(
  { toolName }: AskedOf,
  { decision, input, rules, scope, mode, stop }: Decision,
  permissionModes: readonly string[],
): PermissionMode | undefined {
  const refuse = (why: string) => new AppError("bad_request", why);
  if (input !== undefined && decision !== "allow") throw refuse("only what is allowed once can be changed");
  if (stop && decision !== "deny") throw refuse("only a denial stops the turn");
  if ((decision === "allow-always") !== (rules !== undefined && scope !== undefined))
    throw refuse("what is allowed always needs its rules and where they are kept, and nothing else has them");
  for (const rule of rules ?? [])
    if (readRule(rule) === null) throw refuse(`${rule} is no rule: write it like Bash(npm test:*)`);
  if (questionTools.has(toolName) && decision.startsWith("allow-"))
    throw refuse("this is asked each time: no rule answers it");
  if (toolName !== planTool || decision !== "allow") {
    if (mode !== undefined) throw refuse("only a plan that is allowed chooses a mode");
    return undefined;
  }
  const chosen = mode ?? modesAfterPlan(permissionModes)[0];
  if (chosen === undefined)
    throw new AppError("forbidden", "this session's template allows no mode in which a plan is carried out");
  if (chosen === "bypassPermissions")
    throw new AppError("forbidden", "a plan is not approved into the mode that asks nothing");
  if (!modesAfterPlan(permissionModes).includes(chosen))
    throw new AppError("forbidden", `this session's template does not allow the mode ${chosen} after a plan`);
  return chosen;
}

/** The modes in which a plan may be carried out, the most careful one first. */
function modesAfterPlan(permissionModes: readonly string[]): PermissionMode[] {
  const candidates = ["default", "acceptEdits", "auto"] as const;
  return candidates.filter((mode) => permissionModes.includes(mode));
}

function isModeToGoOnIn(mode: string, permissionModes: readonly string[]): boolean {
  return mode !== "bypassPermissions" && permissionModes.includes(mode);
}

function allowedBy(update: PermissionUpdate): RuleValue[] {
  return update.type === "addRules" && update.behavior === "allow" ? update.rules : [];
}

/** What Claude Code is told. */
export function resultOf(asked: AskedOf, decision: Decision): PermissionResult {
  if (decision.decision === "deny") return denial(asked, decision);
  const updatedInput = { ...inputOf(asked, decision) };
  switch (decision.decision) {
    case "allow": {
      const { mode } = decision;
      const once = { behavior: "allow", updatedInput, decisionClassification: "user_temporary" } as const;
      // Without it Claude Code goes back to the mode before the plan, whichever that was.
      const setMode = { type: "setMode", mode, destination: "session" } as const;
      return mode === undefined ? once : { ...once, updatedPermissions: [{ ...setMode, mode }] };
    }
    case "allow-for-session":
      return {
        behavior: "allow",
        updatedInput,
        // The rules among them came to the process as settings, from which they can be taken back.
        updatedPermissions: asked.updates.filter((update) => allowedBy(update).length === 0),
        decisionClassification: "user_permanent",
      };
    case "allow-always":
      return {
        behavior: "allow",
        updatedInput,
        updatedPermissions: keptIn(decision),
        decisionClassification: "user_permanent",
      };
  }
}

function keptIn({ scope, rules = [] }: Decision): PermissionUpdate[] {
  if (scope === undefined || scope === "session") return [];
  const values = rules.flatMap((rule) => readRule(rule) ?? []);
  return [{ type: "addRules", behavior: "allow", destination: destinations[scope], rules: values }];
}

function denial({ toolName }: AskedOf, { message, stop }: Decision): PermissionResult {
  const what =
    toolName === planTool
      ? "The user does not approve this plan yet. Stay in plan mode, and present it again when it is revised."
      : "The user does not want this tool use to go ahead; it was not done.";
  const words = message?.trim() ? ` They said: ${message}` : "";
  return {
    behavior: "deny",
    message: what + words,
    ...(stop ? { interrupt: true } : {}),
    decisionClassification: "user_reject",
  };
}

/** AskUserQuestion takes what was chosen, and the preview that it was chosen by, as part of its input. */
function inputOf(asked: AskedOf, { input = asked.input, answers }: Decision): Input {
  if (answers === undefined) return input;
  const annotations = Object.fromEntries(
    Object.entries(answers).flatMap(([question, label]) => {
      const preview = previewOf(input, question, label);
      return preview === undefined ? [] : [[question, { preview }]];
    }),
  );
  return { ...input, answers, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) };
}

function previewOf(input: Input, question: string, label: string): string | undefined {
  const questions = input.questions as { question?: unknown; options?: unknown }[] | undefined;
  if (!Array.isArray(questions)) return undefined;
  const options = questions.find((candidate) => candidate?.question === question)?.options;
  if (!Array.isArray(options)) return undefined;
  const preview = options.find((option) => option?.label === label)?.preview;
  return typeof preview === "string" ? preview : undefined;
}
