import { readFileSync } from "node:fs";
import {
  type AgentConfig,
  AppError,
  defaultTemplate,
  minimumLimits,
  type PlaceId,
  type PlaceRequest,
  type Template,
  TemplatesFile,
} from "@remote-claude/protocol";
import { parse } from "yaml";
import type { PlaceSpec, ResolvedLimits } from "./runtimes/runtime.ts";

export type Templates = ReadonlyMap<string, Template>;

/** The templates of the file, and the built-in default unless the file has one of that name. Throws on a bad file. */
export function loadTemplates(path: string | undefined): Templates {
  const listed = path === undefined ? [] : readTemplatesFile(path);
  const templates = new Map([[defaultTemplate.name, defaultTemplate]]);
  for (const template of listed) templates.set(template.name, template);
  return templates;
}

function readTemplatesFile(path: string): Template[] {
  const result = TemplatesFile.safeParse(parse(readFileSync(path, "utf8")));
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new Error(`${path}: ${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { templates } = result.data;
  const names = templates.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`${path}: two templates are named "${twice}"`);
  return templates;
}

/** From what was asked to what is made: nothing gets through but a known template and limits within its bounds. */
export function resolveSpec(templates: Templates, placeId: PlaceId, request: PlaceRequest): PlaceSpec {
  const template = templates.get(request.template);
  if (template === undefined) {
    const known = [...templates.keys()].join(", ");
    throw new AppError("bad_request", `there is no template "${request.template}"; there are: ${known}`);
  }
  const agent: AgentConfig = {
    placeId,
    apiPublicKey: request.apiPublicKey,
    placeSecret: request.placeSecret,
    permissionModes: template.permissionModes,
  };
  return { template, limits: resolveLimits(template, request.limits ?? {}), agent };
}

function resolveLimits(template: Template, asked: NonNullable<PlaceRequest["limits"]>): ResolvedLimits {
  const resolve = (name: keyof ResolvedLimits) => {
    const bounds = template.limits[name];
    const value = asked[name] ?? bounds.default;
    if (value >= minimumLimits[name] && value <= bounds.max) return value;
    throw new AppError(
      "bad_request",
      `limits.${name}: ${value} is outside what template "${template.name}" allows (${minimumLimits[name]} to ${bounds.max})`,
    );
  };
  return {
    memoryMb: resolve("memoryMb"),
    cpus: resolve("cpus"),
    diskMb: resolve("diskMb"),
    pids: resolve("pids"),
  };
}
