import type { ClaudeScope, SetupKind } from "@remote-claude/protocol";

/** A kind of file that can be begun from a template. */
export type NewKind = Exclude<SetupKind, "settings">;

interface Template {
  /** "subagent", in "New subagent". */
  readonly noun: string;
  /** What it is good for, in one sentence. */
  readonly about: string;
  /** Where it lies below the folder of Claude's files; null: there is one of it. */
  readonly path: ((name: string) => string) | null;
  readonly text: (name: string) => string;
}

const matter = (...lines: string[]) => `---\n${lines.join("\n")}\n---\n\n`;

export const templates: Readonly<Record<NewKind, Template>> = {
  memory: {
    noun: "CLAUDE.md",
    about: "What Claude reads before every conversation: how the project is built, tested and written.",
    path: null,
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
};

/** Where a new file goes: in the workspace, or below the home's ~/.claude. */
export function pathOfNew(kind: NewKind, scope: ClaudeScope, name: string): string {
  const { path } = templates[kind];
  if (path === null) return "CLAUDE.md";
  return scope === "project" ? `.claude/${path(name)}` : path(name);
}

/** Why it cannot be called so, or null. */
export function nameTrouble(kind: NewKind, name: string): string | null {
  if (templates[kind].path === null) return null;
  return /^[a-z0-9][a-z0-9-]{0,63}$/.test(name)
    ? null
    : "The name is small letters, digits and -, at most 64.";
}
