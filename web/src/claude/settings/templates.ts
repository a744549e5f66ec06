import type { ClaudeScope, SetupKind } from "@remote-claude/protocol";

interface Template {
  /** "subagent", in "New subagent". */
  readonly noun: string;
  /** What it is good for, in one sentence. */
  readonly about: string;
  /** Where it lies below the folder of Claude's files, by its name if there can be several. */
  readonly path: string | ((name: string) => string);
  readonly text: (name: string) => string;
}

const matter = (...lines: string[]) => `---\n${lines.join("\n")}\n---\n\n`;

export const templates: Readonly<Record<SetupKind, Template>> = {
  memory: {
    noun: "CLAUDE.md",
    about: "What Claude reads before every conversation: how the project is built, tested and written.",
    path: "CLAUDE.md",
    text: () => "# Instructions for Claude\n\n- \n",
  },
  agent: {
    noun: "subagent",
    about: "Claudes with a task of their own, which Claude hands work to when their description fits.",
    path: (name) => `agents/${name}.md`,
    text: (name) =>
      `${matter(`name: ${name}`, "description: When Claude should hand work to it", "tools: Read, Grep, Glob")}You are …\n`,
  },
  skill: {
    noun: "skill",
    about: "How something is done, read by Claude when it is about to do it.",
    path: (name) => `skills/${name}/SKILL.md`,
    text: (name) => `${matter(`name: ${name}`, "description: When it is to be used")}# ${name}\n\n1. \n`,
  },
  command: {
    noun: "command",
    about: "Prompts that are sent by a slash and their name.",
    path: (name) => `commands/${name}.md`,
    text: () =>
      `${matter("description: What it does", "argument-hint: <what may follow>")}Do this with $ARGUMENTS:\n`,
  },
  "output-style": {
    noun: "style",
    about: "How Claude writes: its tone, its length, what it explains.",
    path: (name) => `output-styles/${name}.md`,
    text: (name) => `${matter(`name: ${name}`, "description: How it writes")}Write …\n`,
  },
  settings: {
    noun: "settings file",
    about: "Programs that Claude Code runs before and after what it does. They are written in its settings.",
    path: "settings.json",
    // It holds from the moment it is there: what it begins with does nothing.
    text: () =>
      `${JSON.stringify({ hooks: { PostToolUse: [{ matcher: "Edit|Write", hooks: [{ type: "command", command: "true" }] }] } }, null, 2)}\n`,
  },
};

/** Where a new file goes: in the workspace, or below the home's ~/.claude. */
export function pathOfNew(kind: SetupKind, scope: ClaudeScope, name: string): string {
  const { path } = templates[kind];
  const below = typeof path === "string" ? path : path(name);
  // The project's instructions lie at its top, for everybody to see.
  return scope === "project" && kind !== "memory" ? `.claude/${below}` : below;
}

/** The name of a file for what somebody calls it: "Code Reader" is `code-reader`. */
export const fileNameOf = (typed: string): string =>
  typed
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, "-");

/** Why it cannot be called so, or null. */
export function nameTrouble(kind: SetupKind, name: string): string | null {
  if (typeof templates[kind].path === "string") return null;
  return /^[a-z0-9][a-z0-9-]{0,63}$/.test(name)
    ? null
    : "Use letters (a to z), digits and hyphens, at most 64 of them.";
}
