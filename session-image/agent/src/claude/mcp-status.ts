import type { McpServerStatus } from "@anthropic-ai/claude-agent-sdk";
import { AppError, type McpServer } from "@remote-claude/protocol";

const maxServers = 100;
const maxTools = 500;

/** Claude Code's word on its servers, without what may be secret. */
export function serversOf(statuses: readonly McpServerStatus[]): McpServer[] {
  return statuses.slice(0, maxServers).map((status) => ({
    name: status.name.slice(0, 200),
    scope: status.scope === "project" || status.scope === "user" ? status.scope : null,
    transport: transportOf(status),
    target: targetOf(status),
    status: status.status,
    error: status.error === undefined ? null : withoutSecrets(status.error, status).slice(0, 2000),
    version: status.serverInfo === undefined ? null : status.serverInfo.version.slice(0, 100),
    tools: (status.tools ?? []).slice(0, maxTools).map(({ name, description = "" }) => ({
      name: name.slice(0, 200),
      description: description.slice(0, 1000),
    })),
  }));
}

/** The address of a server that is reached over the network. */
export function addressOf({ config }: McpServerStatus): URL | null {
  if (config === undefined || !("url" in config)) return null;
  return URL.canParse(config.url) ? new URL(config.url) : null;
}

function transportOf({ config }: McpServerStatus): McpServer["transport"] {
  const type = config === undefined ? undefined : (config.type ?? "stdio");
  return type === "stdio" || type === "http" || type === "sse" ? type : "other";
}

function targetOf(status: McpServerStatus): string {
  const { config } = status;
  const url = addressOf(status);
  // Tokens hide in queries and before the host.
  if (url !== null) return `${url.origin}${url.pathname}`.slice(0, 2000);
  if (config === undefined || !("command" in config)) return "";
  return [config.command, ...maskedArguments(config.args ?? [])].join(" ").slice(0, 2000);
}

const secretName = /key|token|secret|password|passwd|auth|credential|bearer/i;
const hidden = "•••";

/** `--api-key abc`, `--token=abc`, `KEY=abc` and whatever looks like a token lose their values. */
function maskedArguments(args: readonly string[]): string[] {
  return args.map((arg, index) => {
    const [name = "", ...rest] = arg.split("=");
    if (rest.length > 0 && secretName.test(name)) return `${name}=${hidden}`;
    const before = args[index - 1] ?? "";
    if (before.startsWith("-") && !before.includes("=") && secretName.test(before)) return hidden;
    if (/^https?:\/\//.test(arg) && URL.canParse(arg)) {
      const url = new URL(arg);
      return `${url.origin}${url.pathname}`;
    }
    return /^(?=.*\d)[A-Za-z0-9_\-.+/]{32,}$/.test(arg) && !arg.startsWith("/") && !arg.startsWith("@")
      ? hidden
      : arg;
  });
}

/** A server's error may quote what it was sent. */
function withoutSecrets(text: string, { config }: McpServerStatus): string {
  const values = [
    ...Object.values((config as { headers?: Record<string, string> } | undefined)?.headers ?? {}),
    ...Object.values((config as { env?: Record<string, string> } | undefined)?.env ?? {}),
  ];
  const secrets = values
    .flatMap((value) => [value, ...value.split(" ")])
    .filter((value) => value.length >= 6);
  return secrets.reduce((masked, secret) => masked.replaceAll(secret, hidden), text);
}

/** What Claude Code says of a name that it does not know, as an error of whoever asked; null: it says something else. */
export function unknownServer(name: string, error: unknown): AppError | null {
  return /server not found/i.test(String(error))
    ? new AppError("not_found", `there is no MCP server named ${name}`)
    : null;
}
