import type { IncomingMessage, ServerResponse } from "node:http";
import { answerText } from "./answers.ts";
import type { EgressAudit, EgressDecision } from "./audit.ts";
import { type Disposition, type Forwarded, forward, framing } from "./forward.ts";
import {
  basicAuthorization,
  type GitCredential,
  type GitCredentials,
  UnusableCredential,
} from "./git-credentials.ts";
import { type ExchangeSummary, watchExchange } from "./git-exchange.ts";
import type { GitAct } from "./git-sums.ts";
import { credentialHost, type GitTarget, parseGitTarget } from "./git-target.ts";
import { gitWords, quoted } from "./git-words.ts";
import { endToEnd, headerPairs } from "./headers.ts";
import { type Judge, tlsPorts, type Verdict } from "./policy.ts";
import type { Outlet } from "./proxy.ts";
import type { SpeaksTls } from "./scheme-probe.ts";
import { describe } from "./upstream.ts";

export interface GitOptions {
  readonly judge: Judge;
  readonly audit: EgressAudit;
  readonly credentials: GitCredentials;
  readonly speaksTls: SpeaksTls;
  readonly idleTimeoutMs?: number;
}

export interface GitGateway {
  /** `/git/<host>[:port]/<path>`: smart HTTP, nothing else. */
  handle(outlet: Outlet, request: IncomingMessage, response: ServerResponse): Promise<void>;
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

type Allowed = Extract<Verdict, { allowed: true }>;

/** Why nothing is asked of the host. */
class Refusal extends Error {
  readonly status: number;
  /** For the record. */
  readonly reason: string | null;

  constructor(status: number, message: string, reason: string | null = null) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

export function createGitGateway(options: GitOptions): GitGateway {
  const { judge, audit, credentials, speaksTls } = options;

  /** Allowed by policy and on record, with the credential that goes along; or throws Refusal. */
  const admit = async (outlet: Outlet, target: GitTarget) => {
    const { speaker, policy } = outlet;
    const { host, port } = target;
    const verdict = await judge.judge(policy, host, port, tlsPorts);
    if (!verdict.allowed) {
      audit.refused({ speaker, door: "git", host, port }, verdict.reason);
      throw new Refusal(403, verdict.message);
    }
    const decision: EgressDecision = { speaker, door: "git", host: verdict.host, port };
    try {
      const credential = await findCredential(credentials, outlet, verdict, target);
      audit.allowed(decision);
      return { verdict, decision, credential };
    } catch (error) {
      if (error instanceof Refusal && error.reason !== null) audit.refused(decision, error.reason);
      throw error;
    }
  };

  /** The decision's end is on record, whatever came of it. */
  const exchange = async (outlet: Outlet, target: GitTarget, ends: Ends) => {
    const { verdict, decision, credential } = await admit(outlet, target);
    const bytes = { sent: 0, received: 0 };
    try {
      const secure = await isSecure(verdict, target, speaksTls, outlet).catch((error: unknown) => {
        throw new Refusal(502, `${target.host}: ${describe(error)}.`);
      });
      if (!secure && credential !== null) {
        throw new Refusal(403, gitWords.needsTls(`${target.host}:${target.port}`));
      }
      const { result, summary } = await ask(options, outlet, target, { verdict, secure, credential }, ends);
      bytes.sent = result.bytesSent;
      bytes.received = result.bytesReceived;
      const act = actOf(outlet, target, verdict, result, summary);
      if (act !== null) audit.gitDone({ ...act, credentialSent: credential !== null });
      if (result.outcome === "failed") throw new Refusal(502, `${target.host}: ${describe(result.error)}.`);
    } finally {
      audit.ended(decision, bytes);
    }
  };

  return {
    async handle(outlet, request, response) {
      try {
        const target = parseGitTarget(request.method ?? "", request.url ?? "");
        if (typeof target === "string") throw new Refusal(403, target);
        await exchange(outlet, target, { request, response });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        request.resume();
        answerText(response, error.status, error.message);
      }
    },
  };
}

/** What goes on record of an exchange beyond that it was allowed; null: nothing was fetched or pushed. */
function actOf(
  { speaker }: Outlet,
  { method, service, port, repository }: GitTarget,
  { host }: Allowed,
  { status, bytesSent, bytesReceived }: Forwarded,
  { counts, refs, moreRefs }: ExchangeSummary,
): Omit<GitAct, "credentialSent"> | null {
  if (method !== "POST" || !counts) return null;
  const push = service === "git-receive-pack";
  const answered = status >= 200 && status < 300;
  // A push whose answer nobody waited for may have arrived all the same.
  if (!answered && !(push && status === 0)) return null;
  const action = push ? "git.pushed" : "git.fetched";
  return { speaker, action, host, port, repository, refs, moreRefs, answered, bytesSent, bytesReceived };
}

/** The two ends of a request that a session made. */
interface Ends {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** The owner's for this very host and port. Who types in the session makes no difference: it never comes there. */
async function findCredential(
  credentials: GitCredentials,
  { speaker }: Outlet,
  verdict: Allowed,
  target: GitTarget,
): Promise<GitCredential | null> {
  const userId = speaker.occupant?.userActive ? speaker.occupant.userId : null;
  const host = credentialHost(verdict.host, verdict.port);
  let credential: GitCredential | null = null;
  try {
    if (userId !== null) credential = await credentials.find(userId, host);
  } catch (error) {
    if (error instanceof UnusableCredential) {
      throw new Refusal(403, gitWords.doesNotOpen(host), "credential-does-not-open");
    }
    throw new Refusal(503, gitWords.notRead);
  }
  if (credential === null && target.service === "git-receive-pack") {
    throw new Refusal(403, gitWords.neededToPush(host), "no-credential");
  }
  return credential;
}

async function ask(
  { idleTimeoutMs = 600_000 }: GitOptions,
  { upstream }: Outlet,
  target: GitTarget,
  way: { verdict: Allowed; secure: boolean; credential: GitCredential | null },
  { request, response }: Ends,
): Promise<{ result: Forwarded; summary: ExchangeSummary }> {
  const { verdict, secure, credential } = way;
  const authority = target.portGiven ? `${verdict.host}:${target.port}` : verdict.host;
  const watched = watchExchange(target.service);
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
    onSent: watched.onSent,
    onChunk: watched.onReceived,
    onAnswer: (answer) =>
      replaceAnswer(answer, target, response, credential !== null) ?? {
        headers: endToEnd(answer.rawHeaders, (name) => withheldAnswers.has(name)),
      },
  });
  return { result, summary: watched.summary() };
}

function gitHeaders(request: IncomingMessage, authority: string, credential: GitCredential | null): string[] {
  const headers = ["host", authority];
  for (const [name, value, lower] of headerPairs(request.rawHeaders)) {
    if (sentHeaders.has(lower)) headers.push(name, value);
  }
  if (credential !== null) headers.push("authorization", basicAuthorization(credential));
  return [...headers, ...framing(request)];
}

/** Plain http is only for a host and port that an administrator listed, and only if no TLS is spoken there. */
async function isSecure(
  verdict: Allowed,
  { portGiven }: Pick<GitTarget, "portGiven">,
  speaksTls: SpeaksTls,
  { upstream }: Pick<Outlet, "upstream">,
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
): Disposition | null {
  const status = answer.statusCode ?? 0;
  const { repository } = target;
  const host = credentialHost(target.host, target.port);
  const refuse = (message: string) => ({ replace: () => answerText(response, 403, message) });
  if (status === 401 || status === 407) {
    // Never as 401: git would ask for a password, which nobody should type into a session.
    return refuse((withCredential ? gitWords.refused : gitWords.isPrivate)(host, repository));
  }
  if (status === 403 && withCredential) {
    const readable = /^text\/plain\b/i.test(answer.headers["content-type"] ?? "");
    return {
      readBytes: readable && answer.headers["content-encoding"] === undefined ? 2048 : 0,
      replace(beginning) {
        const said = quoted(beginning.toString("utf8"));
        const push = target.service === "git-receive-pack";
        answerText(response, 403, gitWords.lacksRight(host, repository, push, said));
      },
    };
  }
  if (!redirects.has(status)) return null;
  const there = redirectOf(answer.headers.location ?? "", target);
  if (there === null) return refuse(gitWords.leadsNowhere(host));
  if (!there.sameHost) return refuse(gitWords.leadsElsewhere(host, there.address));
  return {
    replace: () => answerText(response, 302, "The repository has moved.", { location: there.location }),
  };
}

/** Where a redirect leads, if a repository can be there. Within the host, git follows it by itself through here. */
function redirectOf(location: string, { host, port, portGiven, path, method }: GitTarget) {
  const base = `https://${portGiven ? `${host}:${port}` : host}${path}`;
  const url = URL.parse(location, base);
  if (method !== "GET" || url === null || (url.protocol !== "https:" && url.protocol !== "http:"))
    return null;
  const there = `/git/${url.host}${url.pathname}${url.search}`;
  const target = parseGitTarget("GET", there);
  if (typeof target === "string") return null;
  return {
    location: there,
    sameHost: credentialHost(target.host, target.port) === credentialHost(host, port),
    address: `${url.origin}${target.repository}`,
  };
}
