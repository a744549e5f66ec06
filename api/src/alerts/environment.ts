import type { AlertChannel } from "@remote-claude/protocol";
import { ConfigError } from "@remote-claude/service/settings";
import { z } from "zod";

const WebUrl = z.url({ protocol: /^https?$/ });

/** Every variable about where alerts go; part of the api's environment (config.ts). */
export const AlertEnvironment = z.object({
  SMTP_URL: z
    .url({ protocol: /^smtps?$/ })
    .optional()
    .describe("The mail server of alerts: smtps://user:password@host, or smtp:// (STARTTLS where it has it)"),
  ALERT_FROM: z.string().min(3).max(300).optional().describe("Whom mail of alerts is from"),
  ALERT_WEBHOOK_URL: WebUrl.optional().describe("An address that gets alerts by POST"),
  ALERT_WEBHOOK_SECRET: z
    .string()
    .min(16, "at least 16 characters")
    .optional()
    .describe("What those requests are signed with, at least 16 characters"),
  ALERT_SLACK_URL: WebUrl.optional().describe(
    "An incoming webhook of Slack, or of what understands the same",
  ),
});

export const alertSecrets = [
  "SMTP_URL",
  "ALERT_WEBHOOK_URL",
  "ALERT_WEBHOOK_SECRET",
  "ALERT_SLACK_URL",
] as const;

/** Where alerts go; null: not there. */
export interface AlertConfig {
  readonly email: { readonly url: string; readonly from: string } | null;
  readonly webhook: { readonly url: string; readonly secret: string } | null;
  readonly slack: { readonly url: string } | null;
}

/** Throws ConfigError. */
export function alertConfig(environment: z.infer<typeof AlertEnvironment>): AlertConfig {
  const { SMTP_URL: smtp, ALERT_FROM: from, ALERT_SLACK_URL: slack } = environment;
  const { ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_SECRET: secret } = environment;
  if ((smtp === undefined) !== (from === undefined)) {
    throw new ConfigError("SMTP_URL and ALERT_FROM belong together");
  }
  if ((url === undefined) !== (secret === undefined)) {
    throw new ConfigError("ALERT_WEBHOOK_URL and ALERT_WEBHOOK_SECRET belong together");
  }
  return Object.freeze({
    email: smtp === undefined || from === undefined ? null : { url: smtp, from },
    webhook: url === undefined || secret === undefined ? null : { url, secret },
    slack: slack === undefined ? null : { url: slack },
  });
}

/** Those that are set up. */
export const configuredChannels = (config: AlertConfig): AlertChannel[] =>
  (["email", "webhook", "slack"] as const).filter((channel) => config[channel] !== null);
