import * as z from "zod";

/**
 * Where a rule of Claude Code's is kept: with the session (all its conversations, for as long as it exists), in the
 * workspace's `.claude/settings.local.json`, in its `.claude/settings.json`, or in the home's `.claude/settings.json`.
 */
export const RuleScope = z.enum(["session", "local", "project", "user"]);
export type RuleScope = z.infer<typeof RuleScope>;

export const RuleBehavior = z.enum(["allow", "ask", "deny"]);
export type RuleBehavior = z.infer<typeof RuleBehavior>;

/** A rule as Claude Code's settings spell it, such as `Bash(npm test:*)`. */
export const RuleText = z.string().min(1).max(2000);

export const PermissionRule = z.object({ rule: RuleText, behavior: RuleBehavior, scope: RuleScope });
export type PermissionRule = z.infer<typeof PermissionRule>;

/** A rule's parts: a tool, and which of its uses; without `content` all of them. */
export interface RuleValue {
  readonly toolName: string;
  readonly ruleContent?: string;
}

const toolNamePattern = /^[A-Za-z_][\w.:*-]{0,200}$/;

/** A rule in the spelling of Claude Code's settings, where brackets and backslashes within it are escaped. */
export function spellRule({ toolName, ruleContent }: RuleValue): string {
  return ruleContent === undefined ? toolName : `${toolName}(${ruleContent.replace(/[\\()]/g, "\\$&")})`;
}

/** The parts of a rule; null for what is none. It only takes the spelling apart: what a rule covers is Claude Code's to say. */
export function readRule(rule: string): RuleValue | null {
  const text = rule.trim();
  const open = text.indexOf("(");
  if (open === -1) return toolNamePattern.test(text) ? { toolName: text } : null;
  const toolName = text.slice(0, open);
  if (!toolNamePattern.test(toolName) || !text.endsWith(")")) return null;
  const ruleContent = text.slice(open + 1, -1).replace(/\\([\\()])/g, "$1");
  return ruleContent.trim() === "" ? null : { toolName, ruleContent };
}
