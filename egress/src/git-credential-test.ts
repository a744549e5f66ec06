import type { GitCredentialTest, GitCredentialTicket } from "@remote-claude/protocol";
import {
  basicAuthorization,
  type GitCredential,
  type GitCredentials,
  UnusableCredential,
} from "./git-credentials.ts";
import type { HostPolicy, Judge, Verdict } from "./policy.ts";
import type { SpeaksTls } from "./scheme-probe.ts";
import { describe, type Upstream } from "./upstream.ts";

export interface GitCredentialTestOptions {
  readonly judge: Judge;
  readonly credentials: GitCredentials;
  readonly speaksTls: SpeaksTls;
  readonly upstream: Upstream;
  /** Of every template: what one kind of session may reach can be asked. */
  readonly policies: readonly HostPolicy[];
  readonly timeoutMs?: number;
}

/** Asks a host what it makes of a stored credential. */
export type TestGitCredential = (asked: Omit<GitCredentialTicket, "expiresAt">) => Promise<GitCredentialTest>;

type Allowed = Extract<Verdict, { allowed: true }>;
type Service = "git-upload-pack" | "git-receive-pack";
/** The host's status for one request, or the words for why there was none. */
type Ask = (service: Service, credential: GitCredential | null) => Promise<number>;

/** Of no repository: hosts that want a password want it before they say whether there is one. */
const nowhere = "remote-claude/credential-test.git";

class NotReached extends Error {}

export function createGitCredentialTest(options: GitCredentialTestOptions): TestGitCredential {
  return async ({ userId, host, repository }) => {
    try {
      const credential = await options.credentials.find(userId, host);
      if (credential === null) return unreachable(`There is no credential for ${host} any more.`);
      const ask = await prepare(options, host, repository ?? nowhere);
      return repository === null
        ? await testHost(host, credential, ask)
        : await testRepository(host, repository, credential, ask);
    } catch (error) {
      if (error instanceof NotReached) return unreachable(error.message);
      if (error instanceof UnusableCredential) {
        return { outcome: "refused", message: "This credential cannot be opened any more: store it anew." };
      }
      throw error;
    }
  };
}

const unreachable = (message: string): GitCredentialTest => ({ outcome: "unreachable", message });

/** Compares what the host says to nobody, and what it says to the credential. */
async function testHost(host: string, credential: GitCredential, ask: Ask): Promise<GitCredentialTest> {
  const known = await ask("git-upload-pack", credential);
  if (isRefusal(known)) return refused(host);
  const unknown = await ask("git-upload-pack", null);
  if (known < 500 && isRefusal(unknown)) {
    return { outcome: "accepted", message: `${host} accepts this credential.` };
  }
  return {
    outcome: "unclear",
    message:
      known >= 500
        ? `${host} answers with an error (${known}): try again later.`
        : `${host} does not ask for a password here. Test it with a repository of yours that is private.`,
  };
}

async function testRepository(
  host: string,
  repository: string,
  credential: GitCredential,
  ask: Ask,
): Promise<GitCredentialTest> {
  const read = await ask("git-upload-pack", credential);
  if (isRefusal(read)) return refused(host);
  if (read === 404 || read === 403) {
    const why = read === 404 ? "does not know" : "does not let it read";
    const message = `${host} does not refuse this credential, but ${why} ${repository}: is the name right, and may this token see it?`;
    return { outcome: "unclear", message };
  }
  if (read !== 200) {
    const message = `${host} answers ${read} for ${repository}: is this the whole path of the repository?`;
    return { outcome: "unclear", message };
  }
  const write = await ask("git-receive-pack", credential);
  if (write === 200) {
    return { outcome: "accepted", message: `${host} accepts it: ${repository} can be read and pushed to.` };
  }
  if (isRefusal(write)) return refused(host);
  return {
    outcome: "accepted",
    message: `${repository} can be read, but not pushed to: the token lacks the right to write.`,
  };
}

/** 203 is how Azure DevOps shows its sign-in page to a wrong token. */
const isRefusal = (status: number) => status === 401 || status === 203;

const refused = (host: string): GitCredentialTest => ({
  outcome: "refused",
  message: `${host} does not accept this user name and token: a typing error, or the token is expired or revoked.`,
});

async function prepare(options: GitCredentialTestOptions, host: string, repository: string): Promise<Ask> {
  const { speaksTls, upstream, timeoutMs = 10_000 } = options;
  const verdict = await judgeUnderAny(options, host);
  const fail = (error: unknown) => new NotReached(`${host} cannot be asked: ${describe(error)}.`);
  const probed = verdict.listed && verdict.port !== 443;
  const secure =
    !probed || (await speaksTls(upstream, verdict).catch((error: unknown) => Promise.reject(fail(error))));
  if (!secure) throw new NotReached(`${host} does not speak TLS: a stored credential is not sent there.`);
  const path = `/${repository.replace(/^\/+|\/+$/g, "")}/info/refs?service=`;
  return (service, credential) =>
    new Promise((resolve, reject) => {
      const headers = ["host", host, "user-agent", "git/2 (Remote Claude)", "accept", "*/*"];
      if (credential !== null) headers.push("authorization", basicAuthorization(credential));
      const request = upstream.request(verdict, {
        secure,
        method: "GET",
        path: `${path}${service}`,
        headers,
      });
      const timer = setTimeout(() => request.destroy(new Error("it did not answer in time")), timeoutMs);
      request.once("response", (answer) => {
        clearTimeout(timer);
        // Not read further: a list of refs may be long.
        answer.on("error", () => undefined);
        answer.destroy();
        resolve(answer.statusCode ?? 0);
      });
      request.on("error", (error) => {
        clearTimeout(timer);
        reject(fail(error));
      });
      request.end();
    });
}

/** As some kind of session may reach it; else what the first says, in words. */
async function judgeUnderAny(
  { judge, policies }: GitCredentialTestOptions,
  authority: string,
): Promise<Allowed> {
  const [, host = authority, port = "443"] = /^(.*?)(?::(\d+))?$/.exec(authority) ?? [];
  let words = "no kind of session has network access.";
  for (const policy of policies) {
    const verdict = await judge.judge(policy, host, Number(port));
    if (verdict.allowed) return verdict;
    words = verdict.message;
  }
  throw new NotReached(`Sessions cannot reach ${authority}: ${words}`);
}
