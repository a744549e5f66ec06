import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "./config.ts";

/** Hosts whose short addresses (`git@host:path`) lead to egress from the start. */
const wellKnownHosts = [
  "github.com",
  "gitlab.com",
  "bitbucket.org",
  "codeberg.org",
  "git.sr.ht",
  "ssh.dev.azure.com",
];
const hostName = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$/;

export interface GitRules {
  /** The forwarder's: what leads to egress. */
  readonly origin: string;
  readonly workspace: string;
  /** Hosts whose short addresses lead there too, beyond the well-known ones. */
  readonly hosts?: readonly string[];
  /** Read first: what is there wins where the two disagree. */
  readonly include?: string;
}

/**
 * Leads every address of git's to the one path that egress serves (`/git/<host>/…`), where policy is checked and
 * credentials are added. It is written as a system's configuration, so what a person configures still wins.
 */
export function gitConfigText({ origin, workspace, hosts = [], include }: GitRules): string {
  const base = `${origin}/git/`;
  const section = (target: string, prefixes: string[]) =>
    [`[url "${target}"]`, ...prefixes.map((prefix) => `\tinsteadOf = ${prefix}`)].join("\n");
  return [
    include === undefined ? "" : `[include]\n\tpath = ${include}`,
    // Addresses that are the gateway's already stay as they are: the longest prefix wins.
    section(base, [base, "https://", "http://", "ssh://git@", "git://"]),
    // git rewrites by prefix, so here the host must be spelt out.
    ...new Set([...wellKnownHosts, ...hosts].map((host) => section(`${base}${host}/`, [`git@${host}:`]))),
    `[http]\n\tproxy =\n[safe]\n\tdirectory = ${JSON.stringify(workspace)}`,
    "[credential]\n\thelper =",
    "",
  ].join("\n");
}

/** The session's own, in place of /etc/gitconfig: with the port there is and the hosts it has learnt. Answers where. */
export function ensureGitConfig(config: Config, origin: string): string {
  const rules = gitConfigText({
    origin,
    workspace: config.workspace,
    hosts: learntHosts(config),
    ...(existsSync("/etc/gitconfig") ? { include: "/etc/gitconfig" } : {}),
  });
  return ensureFile(config, "gitconfig", `# Written by the agent at each start.\n${rules}`);
}

/** From now on, and after a restart too, `git@host:` leads to egress. */
export function learnSshHost(config: Config, origin: string, host: string): void {
  const hosts = new Set(learntHosts(config));
  if (!hostName.test(host) || wellKnownHosts.includes(host) || hosts.has(host)) return;
  ensureFile(config, "git-hosts", [...hosts, host].join("\n"));
  ensureGitConfig(config, origin);
}

/** What git runs for an address that is not rewritten: says what to do instead of failing without a word. */
export function ensureSshNotice(config: Config, origin: string): string {
  const text = `#!/bin/sh
for argument; do case "$argument" in *@*) host="\${argument#*@}" ;; esac; done
echo "This session has no network card, so git cannot use ssh. Let the address lead to the gateway:" >&2
echo "  git config --global url.${origin}/git/\${host:-HOST}/.insteadOf git@\${host:-HOST}:" >&2
exit 1
`;
  return `sh ${quoted(ensureFile(config, "no-ssh.sh", text))}`;
}

function learntHosts(config: Config): string[] {
  try {
    const lines = readFileSync(join(config.stateDirectory, "git-hosts"), "utf8").split("\n");
    return lines.filter((line) => hostName.test(line)).slice(0, 1000);
  } catch {
    return [];
  }
}

/** Replaced in one step: a git may be reading it. */
function ensureFile(config: Config, name: string, text: string): string {
  const path = join(config.stateDirectory, name);
  mkdirSync(config.stateDirectory, { recursive: true, mode: 0o700 });
  if (existsSync(path) && readFileSync(path, "utf8") === text) return path;
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
  return path;
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
