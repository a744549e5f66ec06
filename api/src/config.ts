import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseSealingKeys, type SealingKey } from "@remote-claude/prisma/sealing";
import { Email, Password } from "@remote-claude/protocol";
import { ConfigError, parseOrigin, readSettings } from "@remote-claude/service/settings";
import { readTemplates, type Templates } from "@remote-claude/service/templates";
import { z } from "zod";
import { type AlertConfig, AlertEnvironment, alertConfig, alertSecrets } from "./alerts/environment.ts";
import {
  type DeliveryConfig,
  DeliveryEnvironment,
  deliveryConfig,
  deliverySecrets,
} from "./audit-delivery/environment.ts";
import { parseSealKeys, type SealKey } from "./lib/seal-keys.ts";
import { type SignInConfig, SignInEnvironment, signInConfig, signInSecrets } from "./sign-in-config/index.ts";

const Port = z.coerce.number().int().min(0).max(65535);
const Secret = z.string().min(16, "at least 16 characters");
const Url = z.url({ protocol: /^https?$/ });
const optionalText = z.string().optional();

/** Every variable the api reads. Those in `secretVariables` may also be given as NAME_FILE. */
export const Environment = z.object({
  ...SignInEnvironment.shape,
  ...DeliveryEnvironment.shape,
  ...AlertEnvironment.shape,
  MODE: z.enum(["standalone", "server"]).default("server").describe("How this installation runs"),
  NODE_ENV: z.enum(["production", "development", "test"]).default("production").describe("Node's own"),
  LOG_LEVEL: z
    .enum(["silent", "fatal", "error", "warn", "info", "debug", "trace"])
    .default("info")
    .describe("What is logged"),
  API_HOST: z.string().default("127.0.0.1").describe("The address the api listens on"),
  API_PORT: Port.default(3001).describe("The port the api listens on; 0 is any free one"),
  PUBLIC_URL: Url.default("http://localhost:3000").describe("The origin people open in their browser"),
  INTERNAL_SECRET: Secret.describe("What web proves itself with on /internal/*"),
  DATABASE_URL: z.string().min(1).describe("Postgres, as the services' role"),
  RUN_DIR: z.string().min(1).describe("The directory of the places' sockets"),
  TEMPLATES_FILE: optionalText.describe("templates.yaml; without it there is the built-in `default` alone"),
  MANAGER_URL: Url.describe("Where session-manager listens"),
  MANAGER_SECRET: Secret.describe("What the api proves itself with to session-manager"),
  EGRESS_URL: Url.describe("Where egress answers /health"),
  PLACE_SECRET_KEY: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/, "32 bytes in base64url")
    .describe("From which each place's secret is derived"),
  API_SIGNING_KEY: z.string().min(1).describe("Ed25519 private key (PKCS8 DER, base64): the api's identity"),
  GIT_CREDENTIAL_KEYS: z
    .string()
    .min(1)
    .describe("id:key, one or more: what git credentials are sealed under; the first seals, all open"),
  AUDIT_SEAL_KEYS: z
    .string()
    .min(1)
    .describe(
      "Ed25519 private keys (PKCS8 DER, base64), one or more: the first signs the audit record's seals",
    ),
  AUDIT_LOCK_DAYS: z.coerce
    .number()
    .int()
    .min(0)
    .max(36_500)
    .default(0)
    .describe(
      "For how long copies of the audit record are locked in the bucket (S3 object lock); 0: they are not",
    ),
  AUDIT_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .refine((days) => days === 0 || days >= 30, "0, or at least 30")
    .default(0)
    .describe("After how long batches of the audit record are removed, at least 30; 0: never"),
  RECORDING_KEYS: z
    .string()
    .min(1)
    .describe(
      "id:key, one or more: what recordings of terminals are sealed under; the first seals, all open",
    ),
  RECORDING_MAX_MB: z.coerce
    .number()
    .int()
    .min(1)
    .max(400)
    .default(64)
    .describe("How long the recording of one terminal may grow; then it ends"),
  RECORDING_DAYS: z.coerce
    .number()
    .int()
    .min(0)
    .max(36_500)
    .default(90)
    .describe("After how many days recordings of terminals are removed; 0: never"),
  ARTIFACTS_DIR: optionalText.describe("Where artifacts are kept when S3_BUCKET is not set"),
  S3_ENDPOINT: Url.optional().describe("An S3-compatible server; absent: AWS"),
  S3_REGION: z.string().default("us-east-1").describe("The bucket's region"),
  S3_BUCKET: optionalText.describe("The bucket of the artifacts"),
  S3_ACCESS_KEY_ID: optionalText.describe("Its credentials"),
  S3_SECRET_ACCESS_KEY: optionalText.describe("Its credentials"),
  S3_FORCE_PATH_STYLE: z
    .enum(["true", "false"])
    .default("true")
    .describe("Bucket in the path, as MinIO wants"),
  REDIS_URL: optionalText.describe("Redis, for more than one api; absent: everything in this process"),
  ADMIN_EMAIL: Email.default("admin@remote-claude.local").describe("The first admin, when no user exists"),
  ADMIN_PASSWORD: Password.optional().describe("The first admin's password; absent: by one-time link only"),
  ALLOWED_DOMAINS: z
    .string()
    .default("")
    .describe("Domains of e-mail addresses, comma-separated; empty: all"),
  METRICS_TOKEN: optionalText.describe("The Bearer token of /metrics; absent: 404"),
  MAX_SESSIONS_PER_USER: z.coerce
    .number()
    .int()
    .positive()
    .default(50)
    .describe("How many one person may own"),
  STRAY_GRACE_HOURS: z.coerce
    .number()
    .min(0)
    .default(24)
    .describe("How long a place that no session has is kept; 0: for ever"),
  WARM_PLACES: z.coerce
    .number()
    .int()
    .min(0)
    .max(50)
    .default(1)
    .describe("Places of the template `default` kept started ahead of need, unless templates.yaml says"),
  MAX_CONNECTIONS_PER_USER: z.coerce
    .number()
    .int()
    .positive()
    .default(100)
    .describe("Live connections (open pages) of one person"),
  MAX_CONNECTIONS_PER_ADDRESS: z.coerce
    .number()
    .int()
    .positive()
    .default(5000)
    .describe("Live connections from one address; a whole organisation may share one"),
});
type Environment = z.infer<typeof Environment>;

export const secretVariables = [
  "INTERNAL_SECRET",
  "DATABASE_URL",
  "MANAGER_SECRET",
  "PLACE_SECRET_KEY",
  "API_SIGNING_KEY",
  "GIT_CREDENTIAL_KEYS",
  "AUDIT_SEAL_KEYS",
  "RECORDING_KEYS",
  "S3_ACCESS_KEY_ID",
  "S3_SECRET_ACCESS_KEY",
  "REDIS_URL",
  "ADMIN_PASSWORD",
  "METRICS_TOKEN",
  ...deliverySecrets,
  ...alertSecrets,
  ...signInSecrets,
] as const satisfies readonly (keyof Environment)[];

export type ArtifactsConfig =
  | { kind: "directory"; directory: string }
  | {
      kind: "s3";
      endpoint: string | undefined;
      region: string;
      bucket: string;
      credentials: { accessKeyId: string; secretAccessKey: string } | undefined;
      forcePathStyle: boolean;
    };

/** The api's settings, checked and frozen; nothing else reads the environment. */
export interface Config {
  readonly mode: "standalone" | "server";
  readonly production: boolean;
  readonly version: string;
  readonly logLevel: Environment["LOG_LEVEL"];
  readonly host: string;
  readonly port: number;
  /** An origin: no path, no slash at the end. */
  readonly publicUrl: string;
  readonly internalSecret: string;
  readonly databaseUrl: string;
  readonly runDir: string;
  readonly templates: Templates;
  readonly managerUrl: string;
  readonly managerSecret: string;
  readonly egressUrl: string;
  readonly placeSecretKey: Buffer;
  readonly signingKey: KeyObject;
  /** SPKI DER in base64: what a place is told of the api. */
  readonly apiPublicKey: string;
  /** The first seals. */
  readonly gitCredentialKeys: readonly SealingKey[];
  readonly recordings: {
    /** The first seals. */
    readonly keys: readonly SealingKey[];
    readonly maxBytes: number;
    /** 0: kept for ever. */
    readonly retentionDays: number;
  };
  readonly audit: {
    /** The first signs. */
    readonly sealKeys: readonly [SealKey, ...SealKey[]];
    /** 0: copies are not locked. */
    readonly lockDays: number;
    /** 0: kept for ever. */
    readonly retentionDays: number;
    readonly delivery: DeliveryConfig;
  };
  readonly alerts: AlertConfig;
  readonly artifacts: ArtifactsConfig;
  readonly redisUrl: string | null;
  readonly admin: { readonly email: string; readonly password: string | null };
  /** Lower case; empty: every domain. */
  readonly allowedDomains: readonly string[];
  readonly signIn: SignInConfig;
  readonly metricsToken: string | null;
  readonly maxSessionsPerUser: number;
  /** 0: what no session has stays for ever. */
  readonly strayGraceMs: number;
  /** How many places of `default` are kept started ahead of need, if its template does not say. */
  readonly warmPlaces: number;
  readonly maxConnections: { readonly perUser: number; readonly perAddress: number };
}

const placeholders = /^(change-?me|placeholder|secret|password|example|xxx+|todo)/i;

const RecordEnvironment = Environment.pick({
  DATABASE_URL: true,
  ARTIFACTS_DIR: true,
  S3_ENDPOINT: true,
  S3_REGION: true,
  S3_BUCKET: true,
  S3_ACCESS_KEY_ID: true,
  S3_SECRET_ACCESS_KEY: true,
  S3_FORCE_PATH_STYLE: true,
});

/** What the audit record is verified with: where it lies, and no secret beyond that. Throws ConfigError. */
export function loadRecordConfig(
  source: Record<string, string | undefined> = process.env,
): Pick<Config, "databaseUrl" | "artifacts"> {
  const environment = readSettings({
    complaint: "The audit record cannot be verified with these settings",
    schema: RecordEnvironment,
    secrets: ["DATABASE_URL", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"],
    source,
  });
  return { databaseUrl: environment.DATABASE_URL, artifacts: artifactsOf(environment) };
}

/** Reads and checks everything at once. Throws ConfigError naming what is missing or wrong. */
export function loadConfig(source: Record<string, string | undefined> = process.env): Config {
  const environment = readSettings({
    complaint: "The api cannot start with these settings",
    schema: Environment,
    secrets: secretVariables,
    source,
  });
  if (environment.NODE_ENV === "production") refusePlaceholders(environment);
  const signingKey = parseSigningKey(environment.API_SIGNING_KEY);
  const publicUrl = parseOrigin(environment.PUBLIC_URL);
  return Object.freeze({
    mode: environment.MODE,
    production: environment.NODE_ENV === "production",
    version: readVersion(),
    logLevel: environment.LOG_LEVEL,
    host: environment.API_HOST,
    port: environment.API_PORT,
    publicUrl,
    internalSecret: environment.INTERNAL_SECRET,
    databaseUrl: environment.DATABASE_URL,
    runDir: environment.RUN_DIR,
    templates: readTemplates(environment.TEMPLATES_FILE),
    managerUrl: environment.MANAGER_URL,
    managerSecret: environment.MANAGER_SECRET,
    egressUrl: environment.EGRESS_URL,
    placeSecretKey: Buffer.from(environment.PLACE_SECRET_KEY, "base64url"),
    signingKey,
    apiPublicKey: createPublicKey(signingKey).export({ type: "spki", format: "der" }).toString("base64"),
    recordings: Object.freeze({
      keys: readSealingKeys("RECORDING_KEYS", environment.RECORDING_KEYS),
      maxBytes: environment.RECORDING_MAX_MB * 1_000_000,
      retentionDays: environment.RECORDING_DAYS,
    }),
    gitCredentialKeys: readSealingKeys("GIT_CREDENTIAL_KEYS", environment.GIT_CREDENTIAL_KEYS),
    audit: Object.freeze({
      sealKeys: readSealKeys(environment.AUDIT_SEAL_KEYS),
      lockDays: environment.AUDIT_LOCK_DAYS,
      retentionDays: environment.AUDIT_RETENTION_DAYS,
      delivery: deliveryConfig(environment),
    }),
    alerts: alertConfig(environment),
    artifacts: artifactsOf(environment),
    redisUrl: environment.REDIS_URL ?? null,
    admin: Object.freeze({ email: environment.ADMIN_EMAIL, password: environment.ADMIN_PASSWORD ?? null }),
    allowedDomains: environment.ALLOWED_DOMAINS.split(",")
      .map((domain) => domain.trim().toLowerCase().replace(/^@/, ""))
      .filter((domain) => domain !== ""),
    signIn: signInConfig(environment, publicUrl),
    metricsToken: environment.METRICS_TOKEN ?? null,
    maxSessionsPerUser: environment.MAX_SESSIONS_PER_USER,
    strayGraceMs: environment.STRAY_GRACE_HOURS * 3_600_000,
    warmPlaces: environment.WARM_PLACES,
    maxConnections: Object.freeze({
      perUser: environment.MAX_CONNECTIONS_PER_USER,
      perAddress: environment.MAX_CONNECTIONS_PER_ADDRESS,
    }),
  });
}

function refusePlaceholders(environment: Environment): void {
  for (const name of secretVariables) {
    if (placeholders.test(environment[name] ?? "")) {
      throw new ConfigError(`${name} still holds a placeholder: set a secret of your own`);
    }
  }
}

function parseSigningKey(base64: string): KeyObject {
  try {
    const key = createPrivateKey({ key: Buffer.from(base64, "base64"), format: "der", type: "pkcs8" });
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // Said below, without what the library may quote of the key.
  }
  throw new ConfigError("API_SIGNING_KEY: an Ed25519 private key as PKCS8 DER in base64");
}

function readSealingKeys(name: string, text: string): readonly SealingKey[] {
  try {
    return parseSealingKeys(text);
  } catch (error) {
    throw new ConfigError(`${name}: ${(error as Error).message}`);
  }
}

function readSealKeys(text: string): readonly [SealKey, ...SealKey[]] {
  try {
    return parseSealKeys(text);
  } catch (error) {
    throw new ConfigError(`AUDIT_SEAL_KEYS: ${(error as Error).message}`);
  }
}

function artifactsOf(environment: z.infer<typeof RecordEnvironment>): ArtifactsConfig {
  if (environment.S3_BUCKET === undefined) {
    if (environment.ARTIFACTS_DIR === undefined) {
      throw new ConfigError("Artifacts need a home: set ARTIFACTS_DIR, or S3_BUCKET and its companions");
    }
    return { kind: "directory", directory: environment.ARTIFACTS_DIR };
  }
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = environment;
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw new ConfigError("S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY belong together");
  }
  return {
    kind: "s3",
    endpoint: environment.S3_ENDPOINT,
    region: environment.S3_REGION,
    bucket: environment.S3_BUCKET,
    credentials:
      accessKeyId === undefined || secretAccessKey === undefined
        ? undefined
        : { accessKeyId, secretAccessKey },
    forcePathStyle: environment.S3_FORCE_PATH_STYLE === "true",
  };
}

/** Of this package: beside src/ in the source, beside dist/ in a bundle. */
function readVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
