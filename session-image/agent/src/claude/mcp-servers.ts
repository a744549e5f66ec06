import type { McpServerStatus } from "@anthropic-ai/claude-agent-sdk";
import { AppError, type McpServer, type Payload } from "@remote-claude/protocol";
import type { AgentServices } from "../context.ts";
import { runProcess } from "../lib/run-process.ts";
import type { Conversations } from "./conversations.ts";
import { askEgress } from "./egress-word.ts";
import { addressOf, serversOf, unknownServer } from "./mcp-status.ts";

/** Claude Code itself writes the configuration: it knows where, and what else writes there. */
const commandTimeoutMs = 25_000;
/** How long egress' word on a host counts: the panel asks every few seconds. */
const wordKeptMs = 30_000;

/** MCP servers of the session's Claude Code: of the project (`.mcp.json`) and of its home. */
export class McpServers {
  readonly #services: AgentServices;
  readonly #conversations: Conversations;
  readonly #words = new Map<string, { at: number; word: Promise<string | null> }>();

  constructor(services: AgentServices, conversations: Conversations) {
    this.#services = services;
    this.#conversations = conversations;
  }

  async list(conversationId: string): Promise<McpServer[]> {
    const statuses = await this.#conversations.ask(conversationId, "which MCP servers it has", (query) =>
      query.mcpServerStatus(),
    );
    const servers = serversOf(statuses);
    return Promise.all(servers.map((server, index) => this.#explained(server, statuses[index])));
  }

  async add({ scope, name, config }: Payload<"claude.add-server">): Promise<Record<string, never>> {
    await this.#configure("add-json", "--scope", scope, "--", name, JSON.stringify(config));
    return {};
  }

  async remove({ scope, name }: Payload<"claude.remove-server">): Promise<Record<string, never>> {
    await this.#configure("remove", "--scope", scope, "--", name);
    return {};
  }

  async switch({
    conversationId,
    name,
    enabled,
  }: Payload<"claude.switch-server">): Promise<Record<string, never>> {
    await this.#ask(conversationId, name, (query) => query.toggleMcpServer(name, enabled));
    return {};
  }

  async reconnect({
    conversationId,
    name,
  }: Payload<"claude.reconnect-server">): Promise<Record<string, never>> {
    this.#words.clear();
    await this.#ask(conversationId, name, (query) => query.reconnectMcpServer(name));
    return {};
  }

  #ask(conversationId: string, name: string, ask: Parameters<Conversations["ask"]>[2]): Promise<unknown> {
    // Whether it then runs is in the list; only a name that is not known is an error of whoever asked.
    return this.#conversations.ask(conversationId, `what became of ${name}`, (query) =>
      ask(query).catch((error: unknown) => {
        const unknown = unknownServer(name, error);
        if (unknown !== null) throw unknown;
      }),
    );
  }

  /** A failure in egress' words, where egress is the reason. */
  async #explained(server: McpServer, status: McpServerStatus | undefined): Promise<McpServer> {
    const url = status === undefined || status.status !== "failed" ? null : addressOf(status);
    if (url === null) return server;
    const word = await this.#wordOn(url);
    return word === null ? server : { ...server, error: `The network's policy refused ${url.host}. ${word}` };
  }

  #wordOn(url: URL): Promise<string | null> {
    const proxy = this.#services.environment.HTTP_PROXY;
    if (proxy === undefined) return Promise.resolve(null);
    const known = this.#words.get(url.origin);
    if (known !== undefined && performance.now() - known.at < wordKeptMs) return known.word;
    const word = askEgress(url, proxy);
    this.#words.set(url.origin, { at: performance.now(), word });
    return word;
  }

  async #configure(...args: string[]): Promise<void> {
    const { config, environment } = this.#services;
    if (config.claudeBinary === null) throw new AppError("unavailable", "this session has no Claude Code");
    const result = await runProcess(config.claudeBinary, ["mcp", ...args], {
      cwd: config.workspace,
      env: environment,
      timeoutMs: commandTimeoutMs,
      maxBytes: 10_000,
    });
    if (result.timedOut) throw new AppError("timeout", "Claude Code did not write its configuration in time");
    if (result.exitCode !== 0)
      throw refusalOf(result.stderr.toString("utf8") || result.stdout.toString("utf8"));
    this.#conversations.renew();
  }
}

/** What Claude Code's command says when it does not do it; it may quote the configuration, so little is passed on. */
function refusalOf(text: string): AppError {
  if (/already exists/i.test(text)) return new AppError("conflict", "a server of this name is there already");
  if (/no .*server|not found/i.test(text)) return new AppError("not_found", "there is no such server");
  return new AppError("bad_request", "Claude Code does not take this configuration");
}
