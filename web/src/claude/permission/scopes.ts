import type { RuleScope } from "@remote-claude/protocol";

/** Where a rule is kept, as people choose it; the narrowest that lasts comes first. */
export const scopeTexts: Readonly<Record<RuleScope, { label: string; about: string }>> = {
  local: { label: "This workspace", about: ".claude/settings.local.json, not committed" },
  project: { label: "The project", about: ".claude/settings.json, for everybody who works on it" },
  user: { label: "This home", about: "~/.claude/settings.json, for all folders of the session" },
  session: { label: "This session", about: "in no file" },
};
