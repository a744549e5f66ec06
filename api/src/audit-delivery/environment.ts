import { readFileSync } from "node:fs";
import { ConfigError } from "@remote-claude/service/settings";
import { z } from "zod";

const WebUrl = z.url({ protocol: /^https?$/ });
const text = z.string().optional();
const Secret = z.string().min(16, "at least 16 characters").optional();

/** Every variable about where the audit record goes; part of the api's environment (config.ts). */
export const DeliveryEnvironment = z.object({
  AUDIT_SYSLOG_URL: z
    .url({ protocol: /^(tls|tcp)$/ })
    .optional()
    .describe("A syslog server that gets the audit record: tls://host:6514, or tcp://host:601 in the clear"),
  AUDIT_SYSLOG_CA_FILE: text.describe("The certificates that the syslog server's is held against, PEM"),
  AUDIT_WEBHOOK_URL: WebUrl.optional().describe("An address that gets the audit record by POST"),
  AUDIT_WEBHOOK_SECRET: Secret.describe("What those requests are signed with, at least 16 characters"),
  AUDIT_JSONL_PATH: z
    .string()
    .startsWith("/", "an absolute path")
    .optional()
    .describe("A file that the audit record is appended to, a line of JSON each"),
});

/** An address may hold a token, too. */
export const deliverySecrets = ["AUDIT_WEBHOOK_URL", "AUDIT_WEBHOOK_SECRET"] as const;

/** Where the audit record is delivered to; null: not there. */
export interface DeliveryConfig {
  readonly syslog: {
    readonly tls: boolean;
    readonly host: string;
    readonly port: number;
    /** PEM; null: the certificates that Node trusts. */
    readonly ca: string | null;
  } | null;
  readonly webhook: { readonly url: string; readonly secret: string } | null;
  readonly file: { readonly path: string } | null;
}

/** Throws ConfigError. */
export function deliveryConfig(environment: z.infer<typeof DeliveryEnvironment>): DeliveryConfig {
  const { AUDIT_WEBHOOK_URL: url, AUDIT_WEBHOOK_SECRET: secret, AUDIT_JSONL_PATH: path } = environment;
  if ((url === undefined) !== (secret === undefined)) {
    throw new ConfigError("AUDIT_WEBHOOK_URL and AUDIT_WEBHOOK_SECRET belong together");
  }
  return Object.freeze({
    syslog: syslogOf(environment),
    webhook: url === undefined || secret === undefined ? null : { url, secret },
    file: path === undefined ? null : { path },
  });
}

function syslogOf(environment: z.infer<typeof DeliveryEnvironment>): DeliveryConfig["syslog"] {
  const { AUDIT_SYSLOG_URL: url, AUDIT_SYSLOG_CA_FILE: caFile } = environment;
  if (url === undefined) return null;
  const { protocol, hostname, port } = new URL(url);
  const tls = protocol === "tls:";
  return {
    tls,
    host: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? (tls ? 6514 : 601) : Number(port),
    ca: caFile === undefined ? null : readCertificates(caFile),
  };
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigError(`AUDIT_SYSLOG_CA_FILE cannot be read: ${(error as Error).message}`);
  }
}
