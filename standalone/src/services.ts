import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Config } from "./config.ts";
import { Failure } from "./failure.ts";
import type { Secrets } from "./secrets.ts";
import type { ServiceDefinition } from "./service.ts";

/** What the supervisor has found and made before it starts the services. */
export interface Setting {
  readonly config: Config;
  readonly secrets: Secrets;
  /** The folder of the project. */
  readonly root: string;
  readonly runDir: string;
  /** As the services' role. */
  readonly databaseUrl: string;
  readonly ports: Ports;
}

export interface Ports {
  readonly api: number;
  readonly manager: number;
  readonly egress: number;
  readonly web: number;
}

/** What any program may need to find its way on this machine; no settings of ours, no keys. */
const commonVariables = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "TZ",
  "TMPDIR",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
];

/** Handed on from the supervisor's environment, to this service alone; of secrets, NAME_FILE too. */
export const handedOn = {
  api: [
    "ADMIN_EMAIL",
    "ADMIN_PASSWORD",
    "ALLOWED_DOMAINS",
    "SIGN_IN_PASSWORD",
    "SIGN_UP",
    "SIGN_IN_MAX_HOURS",
    "ROLE_MAPPING",
    "OIDC_ISSUER",
    "OIDC_CLIENT_ID",
    "OIDC_CLIENT_SECRET",
    "OIDC_ID",
    "OIDC_NAME",
    "OIDC_SCOPES",
    "OIDC_GROUPS_CLAIM",
    "OIDC_TRUST_EMAIL",
    "OIDC_PROVIDERS_FILE",
    "GITHUB_CLIENT_ID",
    "GITHUB_CLIENT_SECRET",
    "GITHUB_ORGANISATIONS",
    "GITHUB_URL",
    "SAML_METADATA_URL",
    "SAML_METADATA_FILE",
    "SAML_ENTRY_POINT",
    "SAML_IDP_ISSUER",
    "SAML_IDP_CERTIFICATE",
    "SAML_LOGOUT_URL",
    "SAML_ENTITY_ID",
    "SAML_NAME",
    "SAML_PRIVATE_KEY",
    "SAML_CERTIFICATE",
    "SAML_EMAIL_ATTRIBUTE",
    "SAML_NAME_ATTRIBUTE",
    "SAML_GROUPS_ATTRIBUTE",
    "LDAP_URL",
    "LDAP_START_TLS",
    "LDAP_CA_FILE",
    "LDAP_BIND_DN",
    "LDAP_BIND_PASSWORD",
    "LDAP_BASE_DN",
    "LDAP_USER_FILTER",
    "LDAP_ID_ATTRIBUTE",
    "LDAP_EMAIL_ATTRIBUTE",
    "LDAP_TRUST_EMAIL",
    "LDAP_NAME_ATTRIBUTE",
    "LDAP_GROUP_BASE_DN",
    "LDAP_GROUP_FILTER",
    "LDAP_NAME",
    "METRICS_TOKEN",
    "MAX_SESSIONS_PER_USER",
    "STRAY_GRACE_HOURS",
    "WARM_PLACES",
    "MAX_CONNECTIONS_PER_USER",
    "MAX_CONNECTIONS_PER_ADDRESS",
    "REDIS_URL",
    "AUDIT_LOCK_DAYS",
    "AUDIT_RETENTION_DAYS",
    "RECORDING_MAX_MB",
    "RECORDING_DAYS",
    "AUDIT_SYSLOG_URL",
    "AUDIT_SYSLOG_CA_FILE",
    "AUDIT_WEBHOOK_URL",
    "AUDIT_WEBHOOK_SECRET",
    "AUDIT_JSONL_PATH",
    "SMTP_URL",
    "ALERT_FROM",
    "ALERT_WEBHOOK_URL",
    "ALERT_WEBHOOK_SECRET",
    "ALERT_SLACK_URL",
    "S3_ENDPOINT",
    "S3_REGION",
    "S3_BUCKET",
    "S3_ACCESS_KEY_ID",
    "S3_SECRET_ACCESS_KEY",
    "S3_FORCE_PATH_STYLE",
    "TEMPLATES_FILE",
  ],
  egress: [
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "ANTHROPIC_BASE_URL",
    "EGRESS_ALLOWED_HOSTS",
    "EGRESS_UPSTREAM_PROXY",
    "TEMPLATES_FILE",
  ],
  "session-manager": [
    "TEMPLATES_FILE",
    "LOCAL_ISOLATION",
    "CLAUDE_BINARY",
    "DOCKER_HOST",
    "SESSION_IMAGE",
    "DISKS_VOLUME",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
  ],
  web: [],
} as const satisfies Record<string, readonly string[]>;

export type ServiceName = keyof typeof handedOn;

/** Every service with exactly the environment it needs. */
export function defineServices(setting: Setting): readonly ServiceDefinition[] {
  return [defineEgress(setting), defineManager(setting), defineApi(setting), defineWeb(setting)];
}

function defineEgress(setting: Setting): ServiceDefinition {
  const lost = "sessions reach neither Claude nor the network";
  return bundled(setting, "egress", setting.ports.egress, lost, {
    EGRESS_HOST: "127.0.0.1",
    EGRESS_PORT: String(setting.ports.egress),
    DATABASE_URL: setting.databaseUrl,
    GIT_CREDENTIAL_KEYS: setting.secrets.gitCredentialKeys,
    RUN_DIR: setting.runDir,
  });
}

function defineManager(setting: Setting): ServiceDefinition {
  const { config, root } = setting;
  const lost = "sessions can be neither started nor stopped";
  return {
    ...bundled(setting, "session-manager", setting.ports.manager, lost, {
      MANAGER_HOST: "127.0.0.1",
      MANAGER_PORT: String(setting.ports.manager),
      MANAGER_SECRET: setting.secrets.managerSecret,
      SESSION_RUNTIME: config.sessionRuntime,
      RUN_DIR: setting.runDir,
      PLACES_DIR: join(config.dataDir, "places"),
      AGENT_DIR: join(root, "session-image/agent/dist"),
      CLAUDE_BINARY: config.environment.CLAUDE_BINARY ?? findClaudeBinary(root),
      NODE_BINARY: process.execPath,
      // A restarted session-manager adopts the agents; only the product's own end is theirs too.
      STOP_PLACES_ON_EXIT: "true",
    }),
    // What a supervisor that was killed left behind is ended by the next one's first session-manager.
    firstEnv: { END_LEFTOVERS: "true" },
  };
}

function defineApi(setting: Setting): ServiceDefinition {
  const { config, ports, secrets } = setting;
  return bundled(setting, "api", ports.api, null, {
    MODE: "standalone",
    // What stood ready was started by the code of before the last change.
    ...(config.dev ? { WARM_PLACES: config.environment.WARM_PLACES ?? "0" } : {}),
    API_HOST: "127.0.0.1",
    API_PORT: String(ports.api),
    PUBLIC_URL: config.publicUrl,
    INTERNAL_SECRET: secrets.internalSecret,
    MANAGER_URL: `http://127.0.0.1:${ports.manager}`,
    MANAGER_SECRET: secrets.managerSecret,
    EGRESS_URL: `http://127.0.0.1:${ports.egress}`,
    PLACE_SECRET_KEY: secrets.placeSecretKey,
    API_SIGNING_KEY: secrets.apiSigningKey,
    GIT_CREDENTIAL_KEYS: secrets.gitCredentialKeys,
    AUDIT_SEAL_KEYS: secrets.auditSealKeys,
    RECORDING_KEYS: secrets.recordingKeys,
    DATABASE_URL: setting.databaseUrl,
    RUN_DIR: setting.runDir,
    ARTIFACTS_DIR: join(config.dataDir, "artifacts"),
  });
}

function defineWeb(setting: Setting): ServiceDefinition {
  const { config, ports, root, secrets } = setting;
  // In development Next compiles as it is asked to, and the program runs from its source.
  const web = join(root, "web");
  const program = config.dev ? [join(web, "server.mjs"), "--dev"] : [join(web, "dist/main.js")];
  return {
    name: "web",
    args: program,
    cwd: web,
    port: ports.web,
    lostWithoutIt: "no page opens",
    env: {
      ...environmentOf(setting, "web"),
      NODE_ENV: config.dev ? "development" : "production",
      NEXT_TELEMETRY_DISABLED: "1",
      WEB_HOST: "127.0.0.1",
      WEB_PORT: String(ports.web),
      API_INTERNAL_URL: `http://127.0.0.1:${ports.api}`,
      INTERNAL_SECRET: secrets.internalSecret,
      PUBLIC_URL: config.publicUrl,
    },
  };
}

function bundled(
  setting: Setting,
  name: "api" | "egress" | "session-manager",
  port: number,
  lostWithoutIt: string | null,
  own: Record<string, string>,
): ServiceDefinition {
  return {
    name,
    args: [join(setting.root, name, "dist/main.js")],
    cwd: join(setting.root, name),
    port,
    lostWithoutIt,
    env: { ...environmentOf(setting, name), LOG_LEVEL: setting.config.logLevel, ...own },
  };
}

function environmentOf({ config, root }: Setting, name: ServiceName): Record<string, string> {
  const names = [...commonVariables, ...handedOn[name].flatMap((variable) => [variable, `${variable}_FILE`])];
  const entries = names.flatMap((variable) => {
    const value = config.environment[variable];
    return value === undefined ? [] : [[variable, value] as const];
  });
  return {
    NODE_ENV: "production",
    // Compiled code is kept between starts.
    NODE_COMPILE_CACHE: join(root, ".build/compile-cache"),
    ...Object.fromEntries(entries),
  };
}

/** Claude Code comes with the Agent SDK, in a package for each platform. */
function findClaudeBinary(root: string): string {
  const fromAgent = createRequire(join(root, "session-image/agent/package.json"));
  const sdk = createRequire(fromAgent.resolve("@anthropic-ai/claude-agent-sdk"));
  const musl = isMusl() ? ["-musl", ""] : ["", "-musl"];
  for (const libc of process.platform === "linux" ? musl : [""]) {
    try {
      const name = `@anthropic-ai/claude-agent-sdk-${process.platform}-${process.arch}${libc}`;
      const binary = join(dirname(sdk.resolve(`${name}/package.json`)), "claude");
      if (existsSync(binary)) return binary;
    } catch {
      // Not installed: the next one.
    }
  }
  throw new Failure(
    `Claude Code is not installed for ${process.platform}-${process.arch}`,
    "It is an optional package: `npm install --include=optional`, or set CLAUDE_BINARY to one of your own.",
  );
}

function isMusl(): boolean {
  const report = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return report.header.glibcVersionRuntime === undefined;
}
