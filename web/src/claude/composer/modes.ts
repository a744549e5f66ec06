import type { PermissionMode } from "@remote-claude/protocol";

/** The permission modes as people choose between them. */
export const modeTexts: Readonly<Record<PermissionMode, { label: string; about: string }>> = {
  default: { label: "Ask first", about: "Claude asks before it changes files or runs commands" },
  acceptEdits: {
    label: "Accept edits",
    about: "Files may be changed without a question; commands are asked for",
  },
  plan: { label: "Plan", about: "Claude only reads, and presents a plan before it does anything" },
  auto: {
    label: "Auto",
    about: "Claude Code judges each step itself, and asks only where it is not sure",
  },
  bypassPermissions: {
    label: "Ask nothing",
    about: "Claude does what it wants in this session, without questions",
  },
};
