import {
  type AgentConfig,
  AppError,
  minimumLimits,
  type PlaceId,
  type PlaceRequest,
  type Template,
} from "@remote-claude/protocol";
import type { Templates } from "@remote-claude/service/templates";
import type { PlaceSpec, ResolvedLimits } from "./runtimes/runtime.ts";

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
    ...(request.warm && request.warmClaude ? { warmClaude: true } : {}),
  };
  const limits = resolveLimits(template, request.limits ?? {});
  return { template, limits, agent, warm: request.warm ?? false };
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
