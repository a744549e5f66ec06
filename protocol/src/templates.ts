import * as z from "zod";
import { PermissionMode } from "./chat-events.ts";

const Bounded = (minimum: number, fallback: number, maximum: number) =>
  z
    .strictObject({ default: z.number().positive(), max: z.number().positive() })
    .default({ default: fallback, max: maximum })
    .refine((limit) => limit.default <= limit.max, "the default is above the maximum")
    .refine((limit) => limit.default >= minimum, `at least ${minimum}`);

/** Below these a session cannot work; neither a template nor a request goes there. */
export const minimumLimits = { memoryMb: 256, cpus: 0.1, diskMb: 256, pids: 32 } as const;

/** One kind of session that the admin offers; templates.yaml is a list of these. */
export const Template = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  description: z.string().max(300).default(""),
  /** Docker only. */
  image: z.string().max(300).default("remote-claude/session"),
  runtime: z.enum(["runc", "runsc"]).default("runc"),
  limits: z
    .strictObject({
      memoryMb: Bounded(minimumLimits.memoryMb, 4096, 16384),
      cpus: Bounded(minimumLimits.cpus, 2, 8),
      diskMb: Bounded(minimumLimits.diskMb, 10240, 102400),
      pids: Bounded(minimumLimits.pids, 1024, 8192),
    })
    .prefault({}),
  egress: z
    .strictObject({
      /** none: the model gateway alone. proxy: listed hosts. open: any public host. All on record. */
      policy: z.enum(["none", "proxy", "open"]).default("proxy"),
      hosts: z.array(z.string().max(260)).default([]),
    })
    .prefault({}),
  idle: z
    .strictObject({
      /** What happens to a session that nobody uses; the organisation's limit may come first. pause: memory stays. */
      action: z.enum(["none", "stop", "pause"]).default("none"),
      afterMinutes: z.number().positive().default(60),
    })
    .prefault({}),
  permissionModes: z.array(PermissionMode).min(1).default(["default", "acceptEdits", "plan", "auto"]),
  /** How many places are kept started ahead of need. Without it: none; of `default`, what WARM_PLACES says. */
  warm: z.int().min(0).max(50).optional(),
  /** Whether Claude Code is up in them too (some 200 MB each). Without it: on a server yes, on one machine no. */
  warmClaude: z.boolean().optional(),
});
export type Template = z.infer<typeof Template>;

export const TemplatesFile = z.strictObject({ templates: z.array(Template) });
export type TemplatesFile = z.infer<typeof TemplatesFile>;

/** There without any file. */
export const defaultTemplate: Template = Template.parse({
  name: "default",
  description: "A Linux workspace with Claude Code",
});
