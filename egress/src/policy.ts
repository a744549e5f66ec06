import type { Template } from "@remote-claude/protocol";
import { isPublicAddress, isThisMachine, literalAddress, type Resolve, ResolveError } from "./addresses.ts";

/** One entry of an allowlist. `port` null: the web's ports, 80 and 443. `exact` false: every name below the host. */
export interface HostRule {
  readonly host: string;
  readonly port: number | null;
  readonly exact: boolean;
}

/** What a tunnel is for, and git: a tunnel to 80 would carry anything, where http has a way of its own. */
export const tlsPorts: ReadonlySet<number> = new Set([443]);
export const plainPorts: ReadonlySet<number> = new Set([80]);
const bothPorts: ReadonlySet<number> = new Set([80, 443]);

/** Where the usual tools fetch packages and repositories from. */
export const defaultHosts = [
  // npm and yarn
  "registry.npmjs.org",
  "registry.yarnpkg.com",
  "repo.yarnpkg.com",
  // Python
  "pypi.org",
  "files.pythonhosted.org",
  // Rust
  "crates.io",
  "index.crates.io",
  "static.crates.io",
  "static.rust-lang.org",
  // Go
  "proxy.golang.org",
  "sum.golang.org",
  "go.dev",
  // Ruby
  "rubygems.org",
  "index.rubygems.org",
  // Java
  "repo.maven.apache.org",
  "repo1.maven.org",
  "plugins.gradle.org",
  "services.gradle.org",
  // .NET
  "api.nuget.org",
  "www.nuget.org",
  // PHP
  "packagist.org",
  "repo.packagist.org",
  // Debian, Ubuntu, Alpine
  "deb.debian.org",
  "security.debian.org",
  "archive.ubuntu.com",
  "security.ubuntu.com",
  "ports.ubuntu.com",
  "dl-cdn.alpinelinux.org",
  // git hosts, and where they keep archives, raw files and releases
  "github.com",
  "api.github.com",
  "codeload.github.com",
  "raw.githubusercontent.com",
  "objects.githubusercontent.com",
  "release-assets.githubusercontent.com",
  "gitlab.com",
  "bitbucket.org",
  "api.bitbucket.org",
  "codeberg.org",
  "dev.azure.com",
] as const;

const namePattern = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*$/;

/** A host as it is compared: lower case, punycode, no dot at the end, addresses in their one spelling. Or null. */
export function normaliseHost(host: string): string | null {
  const bare = host.trim().replace(/\.$/, "");
  if (bare === "" || /[\s/@?#\\]/.test(bare)) return null;
  if (bare.includes(":") && literalAddress(bare) === null) return null;
  const bracketed =
    literalAddress(bare) !== null && bare.includes(":") && !bare.startsWith("[") ? `[${bare}]` : bare;
  const url = URL.parse(`http://${bracketed}/`);
  if (url === null || url.port !== "") return null;
  const name = url.hostname.replace(/\.$/, "");
  return literalAddress(name) !== null || namePattern.test(name) ? name : null;
}

/** Reads entries `host`, `*.host`, `host:port` and `*.host:port`. Empty ones are skipped; a wrong one throws. */
export function parseHostRules(entries: readonly string[]): readonly HostRule[] {
  return entries
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")
    .map(parseHostRule);
}

function parseHostRule(entry: string): HostRule {
  const wildcard = entry.startsWith("*.");
  const rest = wildcard ? entry.slice(2) : entry;
  const split = literalAddress(rest) === null ? /^(.*):(\d{1,5})$/.exec(rest) : null;
  const host = normaliseHost(split?.[1] ?? rest);
  const port = split === null ? null : Number(split[2]);
  const wrongPort = port !== null && (port < 1 || port > 65535);
  if (host === null || wrongPort || (wildcard && literalAddress(host) !== null)) {
    throw new Error(`"${entry.slice(0, 100)}" is not host, *.host or host:port`);
  }
  return { host, port, exact: !wildcard };
}

const builtInRules = parseHostRules(defaultHosts);

/** What a session may reach. */
export interface HostPolicy {
  /** "disabled": the owner's account is; "unclaimed": there is no owner yet. Nothing leaves either. */
  readonly mode: Template["egress"]["policy"] | "disabled" | "unclaimed";
  readonly rules: readonly HostRule[];
}

/** The policy of a template under the installation's settings. */
export function policyOf(
  template: Template,
  installation: { readonly rules: readonly HostRule[]; readonly withDefaults: boolean },
): HostPolicy {
  const { policy, hosts } = template.egress;
  const shared = installation.withDefaults ? [...builtInRules, ...installation.rules] : installation.rules;
  return { mode: policy, rules: policy === "none" ? [] : [...shared, ...parseHostRules(hosts)] };
}

/** Yes, with the addresses that may be dialled (none: only an upstream proxy can resolve the name); or why not. */
export type Verdict =
  | {
      readonly allowed: true;
      readonly host: string;
      readonly port: number;
      readonly addresses: readonly string[];
      /** By an entry that names this very host and port. */
      readonly listed: boolean;
    }
  | {
      readonly allowed: false;
      readonly reason:
        | "policy"
        | "no-active-user"
        | "port"
        | "not-listed"
        | "not-public"
        | "own-port"
        | "not-resolved"
        | "not-a-host";
      readonly message: string;
    };

export interface Judge {
  /**
   * Decides about one connection. Resolves the name once; what it returns is what may be dialled. `webPorts`: those
   * of 80 and 443 that the way of asking is for, open where no port is listed.
   */
  judge(policy: HostPolicy, host: string, port: number, webPorts?: ReadonlySet<number>): Promise<Verdict>;
}

export interface JudgeOptions {
  readonly resolve: Resolve;
  /** Ports of this process on this machine: never reachable from a session, whatever is listed. */
  readonly ownPorts: ReadonlySet<number>;
  /** The upstream proxy resolves names that this machine cannot. */
  readonly resolvedUpstream: boolean;
}

const refuse = (
  reason: Extract<Verdict, { allowed: false }>["reason"],
  message: string,
): Extract<Verdict, { allowed: false }> => ({ allowed: false, reason, message });

export function createJudge({ resolve, ownPorts, resolvedUpstream }: JudgeOptions): Judge {
  return {
    async judge(policy, rawHost, port, webPorts = bothPorts) {
      const host = normaliseHost(rawHost);
      if (host === null || port < 1 || port > 65535) {
        return refuse("not-a-host", "This is not the name of a host that egress could reach.");
      }
      const listed = policy.rules.some((rule) => rule.exact && rule.host === host && rule.port === port);
      const unlisted = listed ? null : checkLists(policy, { host, port, webPorts, ownPorts });
      if (unlisted !== null) return unlisted;
      let addresses: readonly string[];
      try {
        const literal = literalAddress(host);
        addresses = literal === null ? await resolve(host, policy) : [literal];
      } catch (error) {
        // What cannot be checked here is left to the upstream proxy, but only for names an administrator chose.
        const chosen = policy.rules.some((rule) => matches(rule, host));
        if (resolvedUpstream && chosen) return { allowed: true, host, port, addresses: [], listed };
        const why = error instanceof ResolveError ? error.message : "the look-up failed";
        return refuse("not-resolved", `The host ${host} could not be found (${why}).`);
      }
      if (addresses.length === 0) return refuse("not-resolved", `The host ${host} has no address.`);
      if (ownPorts.has(port) && addresses.some(isThisMachine)) {
        return refuse("own-port", `${host}:${port} ${ours}`);
      }
      // This machine's own public address as well: from here its firewall would not be asked.
      if (!listed && !addresses.every((address) => isPublicAddress(address) && !isThisMachine(address))) {
        return refuse("not-public", privateWords(host, port));
      }
      return { allowed: true, host, port, addresses, listed };
    },
  };
}

const ours = "belongs to Remote Claude itself and is closed to sessions.";

const privateWords = (host: string, port: number): string =>
  `${host} leads to a private address, which sessions may not reach; an administrator can allow it by adding ${host}:${port} to EGRESS_ALLOWED_HOSTS.`;

interface Asked {
  readonly host: string;
  readonly port: number;
  readonly webPorts: ReadonlySet<number>;
  readonly ownPorts: ReadonlySet<number>;
}

/** null: allowed so far. */
function checkLists(policy: HostPolicy, asked: Asked): Verdict | null {
  const { host, port, webPorts } = asked;
  if (policy.mode === "disabled") {
    return refuse("no-active-user", "The account of this session's owner is disabled: nothing leaves it.");
  }
  if (policy.mode === "unclaimed") {
    return refuse("no-active-user", "This place is nobody's session yet: nothing leaves it.");
  }
  if (policy.mode === "none") {
    return refuse(
      "policy",
      `Sessions of this kind have no network access beyond Claude, so ${host} cannot be reached; an administrator can choose another egress policy in the template.`,
    );
  }
  const matching = policy.rules.filter((rule) => matches(rule, host));
  if (matching.some((rule) => rule.port === port || (rule.port === null && webPorts.has(port)))) return null;
  if (policy.mode === "open" && webPorts.has(port)) return null;
  if (matching.length > 0 || policy.mode === "open") {
    return refuse(
      "port",
      `Port ${port} of ${host} is not open to ${bothPorts.has(port) ? "this way of asking" : "sessions"}; an administrator can allow it by adding ${host}:${port} to EGRESS_ALLOWED_HOSTS.`,
    );
  }
  return refuse("not-listed", unlistedWords(asked));
}

/** What would help: of a private address, an entry without its port would not. */
function unlistedWords({ host, port, ownPorts }: Asked): string {
  const address = literalAddress(host);
  if (address !== null && ownPorts.has(port) && isThisMachine(address)) return `${host}:${port} ${ours}`;
  if (address !== null && !isPublicAddress(address)) return privateWords(host, port);
  return (
    `The host ${host} is not on this installation's allowlist; an administrator can allow it by adding ${bothPorts.has(port) ? host : `${host}:${port}`} ` +
    "to EGRESS_ALLOWED_HOSTS or to the template's hosts."
  );
}

function matches(rule: HostRule, host: string): boolean {
  return rule.exact ? rule.host === host : host.endsWith(`.${rule.host}`);
}
