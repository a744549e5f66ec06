import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  AppError,
  type PermissionRule,
  RuleBehavior,
  type RuleScope,
  RuleText,
} from "@remote-claude/protocol";
import * as z from "zod";
import { errorCode, toAppError } from "../lib/system-errors.ts";

type FileScope = Exclude<RuleScope, "session">;

const maxBytes = 1024 * 1024;
const maxRules = 2000;

/** Of a settings file, what is of interest here; the rest is kept as it is. */
const Settings = z.looseObject({
  permissions: z.looseObject({}).partial().optional(),
});
type Settings = z.infer<typeof Settings>;

/** The files of settings from which Claude Code takes its rules. People and Claude Code write them; so does this. */
export class RuleFiles {
  readonly #paths: Readonly<Record<FileScope, string>>;

  constructor(workspace: string, home: string) {
    this.#paths = {
      local: join(workspace, ".claude/settings.local.json"),
      project: join(workspace, ".claude/settings.json"),
      user: join(home, ".claude/settings.json"),
    };
  }

  list(): { rules: PermissionRule[]; unreadable: string[] } {
    const rules: PermissionRule[] = [];
    const unreadable: string[] = [];
    for (const [scope, path] of Object.entries(this.#paths) as [FileScope, string][]) {
      try {
        rules.push(...rulesOf(this.#read(path), scope));
      } catch (error) {
        unreadable.push(`${path}: ${error instanceof Error ? error.message : "it could not be read"}`);
      }
    }
    return { rules: rules.slice(0, maxRules), unreadable };
  }

  /** One that is not there is as good as removed. */
  remove({ rule, behavior, scope }: PermissionRule & { scope: FileScope }): void {
    const path = this.#paths[scope];
    try {
      const settings = this.#read(path);
      const before = listOf(settings, behavior);
      const after = before.filter((other) => other !== rule);
      if (after.length === before.length) return;
      this.#write(path, { ...settings, permissions: { ...settings.permissions, [behavior]: after } });
    } catch (error) {
      throw toAppError(error, path);
    }
  }

  #read(path: string): Settings {
    try {
      if (statSync(path).size > maxBytes) throw new AppError("too_large", "the file is too large");
      return Settings.parse(JSON.parse(readFileSync(path, "utf8")));
    } catch (error) {
      if (errorCode(error) === "ENOENT") return {};
      if (error instanceof SyntaxError || error instanceof z.ZodError)
        throw new AppError("bad_request", "these are no settings of Claude Code", { cause: error });
      throw error;
    }
  }

  /** A link in the file's place is replaced, not followed. */
  #write(path: string, settings: Settings): void {
    mkdirSync(dirname(path), { recursive: true });
    const temporary = `${path}.${crypto.randomUUID()}`;
    writeFileSync(temporary, `${JSON.stringify(settings, null, 2)}\n`, { flag: "wx" });
    renameSync(temporary, path);
  }
}

function listOf(settings: Settings, behavior: RuleBehavior): string[] {
  const list = settings.permissions?.[behavior];
  return Array.isArray(list) ? list.filter((rule): rule is string => typeof rule === "string") : [];
}

function rulesOf(settings: Settings, scope: FileScope): PermissionRule[] {
  return RuleBehavior.options.flatMap((behavior) =>
    listOf(settings, behavior)
      .filter((rule) => RuleText.safeParse(rule).success)
      .map((rule) => ({ rule, behavior, scope })),
  );
}
