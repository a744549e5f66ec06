import type { IncomingMessage, ServerResponse } from "node:http";
import { answerText } from "./answers.ts";
import type { EgressAudit, EgressDecision } from "./audit.ts";
import { forward, framing } from "./forward.ts";
import { endToEnd, headerPairs } from "./headers.ts";
import type { Judge, Verdict } from "./policy.ts";
import type { Outlet } from "./proxy.ts";
import { createSchemeProbe } from "./scheme-probe.ts";
import { describe } from "./upstream.ts";

/** What a person stored for a git host. */
export interface GitCredential {
  readonly username: string;
  readonly password: string;
}

export interface GitOptions {
  readonly judge: Judge;
  readonly audit: EgressAudit;
  /** null: there is none for this person and host. */
  readonly findCredential: (userId: string, host: string) => Promise<GitCredential | null>;
  readonly idleTimeoutMs?: number;
}

export interface GitGateway {
  /** `/git/<host>[:port]/<path>`: smart HTTP, nothing else. */
  handle(outlet: Outlet, request: IncomingMessage, response: ServerResponse): Promise<void>;
}

interface GitTarget {
  readonly host: string;
  readonly port: number;
  readonly portGiven: boolean;
  /** Of the repository and the service, with its query. */
  readonly path: string;
  readonly repository: string;
  readonly service: "git-upload-pack" | "git-receive-pack";
  readonly method: "GET" | "POST";
}

/** All that git's smart protocol needs; nothing of the session's own comes along. */
const sentHeaders: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "cache-control",
  "content-encoding",
  "content-length",
  "content-type",
  "git-protocol",
  "pragma",
  "user-agent",
]);
const withheldAnswers: ReadonlySet<string> = new Set(["set-cookie", "www-authenticate"]);
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export function createGitGateway(options: GitOptions): GitGateway {
  const { judge, audit, findCredential, idleTimeoutMs = 600_000 } = options;
  const speaksTls = createSchemeProbe();
  return {
    async handle(outlet, request, response) {
      const refuse = (status: number, message: string) => {
        request.resume();
        answerText(response, status, message);
      };
      const target = parseGitTarget(request.method ?? "", request.url ?? "");
      if (typeof target === "string") return refuse(403, target);
      const { speaker, policy, upstream } = outlet;
      const { host, port } = target;
      const verdict = await judge.judge(policy, host, port);
      if (!verdict.allowed) {
        audit.refused({ speaker, door: "git", host, port }, verdict.reason);
        return refuse(403, verdict.message);
      }
      const decision: EgressDecision = { speaker, door: "git", host: verdict.host, port };
      const userId = speaker.occupant?.userActive ? speaker.occupant.userId : null;
      const credential = userId === null ? null : await findCredential(userId, verdict.host);
      if (target.service === "git-receive-pack" && credential === null) {
        audit.refused(decision, "no-credential");
        return refuse(403, noCredentialToPush(verdict.host));
      }
      audit.allowed(decision);
      const secure = await isSecure(verdict, target, speaksTls, outlet).catch((error: unknown) => {
        refuse(502, `${host}: ${describe(error)}.`);
        return null;
      });
      if (secure === null) return audit.ended(decision, { sent: 0, received: 0 });
      if (!secure && credential !== null) {
        audit.ended(decision, { sent: 0, received: 0 });
        return refuse(403, `${host}:${port} does not speak TLS: a stored credential is not sent there.`);
      }
      const authority = target.portGiven ? `${verdict.host}:${port}` : verdict.host;
      const result = await forward({
        request,
        response,
        idleTimeoutMs,
        open: () =>
          upstream.request(verdict, {
            secure,
            method: target.method,
            path: target.path,
            headers: gitHeaders(request, authority, credential),
          }),
        onAnswer(answer) {
          const replacement = replaceAnswer(answer, target, response, credential !== null);
          if (replacement !== null) return { replace: replacement };
          return { headers: endToEnd(answer.rawHeaders, (name) => withheldAnswers.has(name)) };
        },
      });
      audit.ended(decision, { sent: result.bytesSent, received: result.bytesReceived });
      if (result.outcome === "failed") answerText(response, 502, `${host}: ${describe(result.error)}.`);
    },
  };
}

function gitHeaders(request: IncomingMessage, authority: string, credential: GitCredential | null): string[] {
  const headers = ["host", authority];
  for (const [name, value, lower] of headerPairs(request.rawHeaders)) {
    if (sentHeaders.has(lower)) headers.push(name, value);
  }
  if (credential !== null) {
    const pair = Buffer.from(`${credential.username}:${credential.password}`).toString("base64");
    headers.push("authorization", `Basic ${pair}`);
  }
  return [...headers, ...framing(request)];
}

/** Plain http is only for a host and port that an administrator listed, and only if no TLS is spoken there. */
async function isSecure(
  verdict: Extract<Verdict, { allowed: true }>,
  { portGiven }: GitTarget,
  speaksTls: ReturnType<typeof createSchemeProbe>,
  { upstream }: Outlet,
): Promise<boolean> {
  if (!portGiven || !verdict.listed || verdict.port === 443) return true;
  return speaksTls(upstream, verdict);
}

/** What stands in for an answer that must not reach the session as it is; null: it may. */
function replaceAnswer(
  answer: IncomingMessage,
  target: GitTarget,
  response: ServerResponse,
  withCredential: boolean,
): (() => void) | null {
  const status = answer.statusCode ?? 0;
  if (status === 401 || status === 407) {
    const message = withCredential ? credentialRejected(target) : repositoryIsPrivate(target);
    return () => answerText(response, 403, message);
  }
  if (!redirects.has(status)) return null;
  const location = redirectOf(answer.headers.location ?? "", target);
  return () =>
    location === null
      ? answerText(response, 403, `${target.host} redirects to where no repository can be fetched from.`)
      : answerText(response, 302, "The repository has moved.", { location });
}

/** git follows it by itself, back through here, where the new host is judged like any other. */
function redirectOf(location: string, { host, port, portGiven, path, method }: GitTarget): string | null {
  const base = `https://${portGiven ? `${host}:${port}` : host}${path}`;
  const url = URL.parse(location, base);
  if (method !== "GET" || url === null || (url.protocol !== "https:" && url.protocol !== "http:"))
    return null;
  const there = `/git/${url.host}${url.pathname}${url.search}`;
  return typeof parseGitTarget("GET", there) === "string" ? null : there;
}

const shapes = {
  discover: /^(\/.+)\/info\/refs\?service=(git-upload-pack|git-receive-pack)$/,
  exchange: /^(\/.+)\/(git-upload-pack|git-receive-pack)$/,
} as const;

/** The target, or the sentence that says why there is none. */
export function parseGitTarget(method: string, url: string): GitTarget | string {
  const match = /^\/git\/([^/?#@\\\s]+)(\/[^#\s\\]*)$/.exec(url);
  const authority = match?.[1];
  const path = match?.[2];
  if (authority === undefined || path === undefined) return "This is not the address of a repository.";
  const parsed = /^(\[[0-9A-Fa-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(authority);
  const host = parsed?.[1];
  const port = parsed?.[2] === undefined ? 443 : Number(parsed[2]);
  if (host === undefined || port < 1 || port > 65535) return "This is not the address of a repository.";
  if (/(^|\/)(\.|%2e){1,2}(\/|$)/i.test(path.replace(/\?.*$/, ""))) {
    return "This is not the address of a repository.";
  }
  const shape = method === "GET" ? shapes.discover : method === "POST" ? shapes.exchange : null;
  const found = shape?.exec(path);
  const [, repository, service] = found ?? [];
  if (repository === undefined || service === undefined) {
    return "Only git's smart HTTP protocol is served here: this server or client asks for something else.";
  }
  return {
    host: host.toLowerCase(),
    port,
    portGiven: parsed?.[2] !== undefined,
    path,
    repository,
    service: service as GitTarget["service"],
    method: method as GitTarget["method"],
  };
}

function repositoryIsPrivate({ host, repository }: GitTarget): string {
  return `The repository ${host}${repository} is private or does not exist, and this installation has no credential for ${host}.`;
}

function credentialRejected({ host, repository }: GitTarget): string {
  return `${host} does not accept the stored credential for ${repository}: it may have expired, or lack the right.`;
}

function noCredentialToPush(host: string): string {
  return `Pushing to ${host} needs a password, and this installation has no credential for ${host}.`;
}
