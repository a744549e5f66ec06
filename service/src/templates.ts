import { readFileSync } from "node:fs";
import { defaultTemplate, type Template, TemplatesFile } from "@remote-claude/protocol";
import { parse } from "yaml";
import { ConfigError } from "./settings.ts";

/** By name; `default` is always there. */
export type Templates = ReadonlyMap<string, Template>;

/** The templates of TEMPLATES_FILE, and the built-in default unless the file has one of that name. Throws ConfigError. */
export function readTemplates(file: string | undefined): Templates {
  const templates = new Map([[defaultTemplate.name, defaultTemplate]]);
  if (file === undefined) return templates;
  const seen = new Set<string>();
  for (const template of readFile(file)) {
    const { name } = template;
    if (seen.has(name)) throw new ConfigError(`TEMPLATES_FILE: ${file}: two templates are named "${name}"`);
    seen.add(name);
    templates.set(name, template);
  }
  return templates;
}

function readFile(file: string): readonly Template[] {
  let content: unknown;
  try {
    content = parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new ConfigError(`TEMPLATES_FILE cannot be read: ${file}: ${(error as Error).message}`);
  }
  const result = TemplatesFile.safeParse(content);
  if (result.success) return result.data.templates;
  const issue = result.error.issues[0];
  throw new ConfigError(`TEMPLATES_FILE: ${file}: ${issue?.path.join(".")}: ${issue?.message}`);
}
