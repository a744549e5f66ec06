import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

const sha256 = (value: string) => createHash("sha256").update(value).digest("base64url");
const random = () => randomBytes(16).toString("base64url");

/** Its one tool's answers; the rest of MCP's beginning. */
const methods: Readonly<Record<string, (params: { protocolVersion?: string }) => unknown>> = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: "guarded", version: "1.0.0" },
  }),
  "tools/list": () => ({
    tools: [{ name: "look", description: "Looks", inputSchema: { type: "object", properties: {} } }],
  }),
  ping: () => ({}),
};

/**
 * An MCP server over HTTP that lets in who has a token of its own authorization server: OAuth 2.1 with discovery
 * (RFC 9728, RFC 8414), registration (RFC 7591) and PKCE, as MCP's specification of authorization wants it.
 */
export class OauthMcp {
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #codes = new Map<string, { challenge: string; redirectUri: string }>();
  readonly #tokens = new Set<string>();

  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** What a person does in their browser: says yes. The address that the browser is led to. */
  async allow(signInUrl: string): Promise<string> {
    const response = await fetch(signInUrl, { redirect: "manual" });
    return response.headers.get("location") ?? "";
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", this.origin);
    const body = await text(request);
    const json = (status: number, value: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    if (pathname === "/mcp") return this.#speak(request, response, body);
    if (pathname.startsWith("/.well-known/oauth-protected-resource"))
      json(200, { resource: `${this.origin}/mcp`, authorization_servers: [this.origin] });
    else if (pathname === "/.well-known/oauth-authorization-server") json(200, this.#metadata());
    else if (pathname === "/register") json(201, { ...JSON.parse(body), client_id: "claude" });
    else if (pathname === "/authorize") this.#authorize(searchParams, response);
    else if (pathname === "/token") this.#token(new URLSearchParams(body), json);
    else json(404, {});
  }

  #metadata() {
    const { origin } = this;
    return {
      issuer: origin,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      registration_endpoint: `${origin}/register`,
      response_types_supported: ["code"],
      grant_types_supported: ["authorization_code"],
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: ["none"],
    };
  }

  #authorize(asked: URLSearchParams, response: ServerResponse): void {
    const redirectUri = asked.get("redirect_uri") ?? "";
    const code = random();
    this.#codes.set(code, { challenge: asked.get("code_challenge") ?? "", redirectUri });
    const back = new URL(redirectUri);
    back.searchParams.set("code", code);
    back.searchParams.set("state", asked.get("state") ?? "");
    response.writeHead(302, { location: back.href }).end();
  }

  #token(form: URLSearchParams, json: (status: number, value: unknown) => void): void {
    const known = this.#codes.get(form.get("code") ?? "");
    this.#codes.delete(form.get("code") ?? "");
    const proven =
      known?.challenge === sha256(form.get("code_verifier") ?? "") &&
      known.redirectUri === form.get("redirect_uri");
    const token = random();
    if (proven) this.#tokens.add(token);
    if (proven) json(200, { access_token: token, token_type: "Bearer", expires_in: 3600 });
    else json(400, { error: "invalid_grant" });
  }

  #speak(request: IncomingMessage, response: ServerResponse, body: string): void {
    const token = request.headers.authorization?.replace("Bearer ", "") ?? "";
    if (!this.#tokens.has(token)) {
      const metadata = `${this.origin}/.well-known/oauth-protected-resource`;
      response.writeHead(401, { "www-authenticate": `Bearer resource_metadata="${metadata}"` }).end();
      return;
    }
    if (request.method !== "POST") {
      response.writeHead(405).end();
      return;
    }
    const { id, method, params } = JSON.parse(body);
    if (id === undefined) response.writeHead(202).end();
    else {
      const result = methods[method]?.(params ?? {}) ?? {};
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ jsonrpc: "2.0", id, result }));
    }
  }
}

// In a session, where it is a file by itself.
if (import.meta.main) {
  await new OauthMcp().listen(Number(process.argv[2]));
  console.log("listening");
}
