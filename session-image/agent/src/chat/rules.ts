import type { Handlers, PermissionRule } from "@remote-claude/protocol";
import type { AgentContext } from "../context.ts";
import type { RuleFiles } from "./rule-files.ts";
import type { SessionGrants } from "./session-grants.ts";

type RuleHandlers = Pick<Handlers<"agent", AgentContext>, "rule.list" | "rule.remove">;

/**
 * By which rules Claude Code decides without asking: those of the session, and those in its files of settings. What
 * people allowed by the project's file it was told for the session too; that is one rule for them.
 */
export function ruleHandlers(grants: SessionGrants, files: RuleFiles): RuleHandlers {
  return {
    "rule.list": () => {
      const { rules, unreadable } = files.list();
      const isOfProject = (rule: string) =>
        rules.some((other) => other.rule === rule && other.scope === "project" && other.behavior === "allow");
      const ofSession = grants.value.rules
        .filter((rule) => !isOfProject(rule))
        .map((rule): PermissionRule => ({ rule, behavior: "allow", scope: "session" }));
      return { rules: [...ofSession, ...rules], directories: [...grants.value.directories], unreadable };
    },
    "rule.remove": async ({ rule, behavior, scope }) => {
      if (scope !== "session") files.remove({ rule, behavior, scope });
      const granted = scope === "session" || (scope === "project" && behavior === "allow");
      if (granted) await grants.removeRule(rule);
      // Claude Code looks at its files again when its settings change, and else only after a while.
      else await grants.tell();
      return {};
    },
  };
}
