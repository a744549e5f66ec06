import * as z from "zod";
import { PermissionRule } from "../permission-rules.ts";
import { command } from "./message.ts";

/** The rules by which Claude Code decides in this session without asking, or always asks, or refuses. */
export const ruleList = command("rule.list", {
  to: "agent",
  needs: "session.view",
  scope: "claude:read",
  payload: z.object({}),
  reply: z.object({
    rules: z.array(PermissionRule),
    /** Outside the workspace, and open to Claude since somebody allowed it for the session. */
    directories: z.array(z.string()),
    /** Files of settings that could not be read, in words. */
    unreadable: z.array(z.string()),
  }),
});

/** Takes a rule back, from Claude Code's next question on. One that is not there is as good as removed. */
export const ruleRemove = command("rule.remove", {
  to: "agent",
  needs: "session.answer",
  scope: "claude:write",
  payload: PermissionRule,
  reply: z.object({}),
  audit: { action: "claude.rule-removed", details: ["rule", "behavior", "scope"] },
});
