import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { insidePlace } from "@remote-claude/protocol";
import type { ResolvedLimits } from "../runtime.ts";
import type { PlaceDirectories } from "./directories.ts";
import {
  hostEtc,
  hostProfileScripts,
  insideHostname,
  insidePath,
  insideUser,
  writeSynthesizedEtc,
} from "./root-files.ts";

/**
 * Who the session is on the host. mapped: the account that runs session-manager, shown inside as user 1000 of a user
 * namespace. own-user: session-manager is root, and every place runs as a numeric user of its own, so that not even
 * what is left of root's standing (files it owns, /proc/sys) is in reach.
 */
export type SandboxIdentity =
  | { readonly kind: "mapped" }
  | { readonly kind: "own-user"; readonly userId: number };

const mappedUserId = 1000;

/** The host's programs and files that every session gets, read-only. */
export interface SessionPrograms {
  readonly agentDir: string;
  readonly claudeBinary: string;
  readonly nodeBinary: string;
  /** The package npm; null when the host has none. */
  readonly npmDir: string | null;
}

export interface Sandbox {
  /** The path of bwrap. */
  readonly binary: string;
  /** Forbid user namespaces inside, which keeps much of the kernel out of reach. */
  readonly disableUserNamespaces: boolean;
  /** Count processes per place by RLIMIT_NPROC. */
  readonly limitProcesses: boolean;
  /** bwrap can give a tmpfs a size (since 0.7). */
  readonly limitSharedMemory: boolean;
}

const inside = {
  agent: "/opt/remote-claude/agent",
  claude: "/opt/remote-claude/bin/claude",
  node: "/opt/remote-claude/bin/node",
  npm: "/opt/remote-claude/lib/node_modules/npm",
} as const;

/**
 * The directories in which things are mounted. bwrap would make those that lack on its own, but some of them for
 * root alone.
 */
const parents = [
  "/etc",
  ...["/etc/pki", "/etc/profile.d", "/etc/ssl"],
  "/home",
  "/opt",
  "/opt/remote-claude",
  "/opt/remote-claude/bin",
  "/opt/remote-claude/lib",
  "/opt/remote-claude/lib/node_modules",
  "/run",
  "/run/remote-claude",
  "/var",
].flatMap((path) => ["--dir", path]);

/** /bin, /lib and their like: links into /usr on today's distributions, directories on others. */
function systemDirectories(): string[] {
  const directories = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"].flatMap((path) => {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return [];
    return stat.isSymbolicLink() ? ["--symlink", readlinkSync(path), path] : ["--ro-bind", path, path];
  });
  const nixStore = existsSync("/nix/store") ? ["--dir", "/nix", "--ro-bind", "/nix/store", "/nix/store"] : [];
  return ["--ro-bind", "/usr", "/usr", ...directories, ...nixStore];
}

function etc(directories: PlaceDirectories, userId: number): string[] {
  const ownFiles = writeSynthesizedEtc(directories.etc, userId);
  const shared = [...hostEtc, ...hostProfileScripts()].filter((name) => !ownFiles.includes(name));
  return [
    ...shared.flatMap((name) => ["--ro-bind-try", `/etc/${name}`, `/etc/${name}`]),
    ...ownFiles.flatMap((name) => ["--ro-bind", join(directories.etc, name), `/etc/${name}`]),
    ...["--symlink", "/proc/self/mounts", "/etc/mtab"],
  ];
}

function programs({ agentDir, claudeBinary, nodeBinary, npmDir }: SessionPrograms): string[] {
  const npm =
    npmDir === null
      ? []
      : [
          ...["--ro-bind", npmDir, inside.npm],
          ...["--symlink", "../lib/node_modules/npm/bin/npm-cli.js", "/opt/remote-claude/bin/npm"],
          ...["--symlink", "../lib/node_modules/npm/bin/npx-cli.js", "/opt/remote-claude/bin/npx"],
        ];
  return [
    ...["--ro-bind", agentDir, inside.agent],
    ...["--ro-bind", claudeBinary, inside.claude],
    ...["--ro-bind", nodeBinary, inside.node],
    ...npm,
  ];
}

/** Enough for browsers and the like; what is in it is memory that belongs to no process, so no guard would see it. */
const sharedMemoryBytes = 256 * 1024 * 1024;

/**
 * bwrap's /dev is a tmpfs as large as half of the machine's memory: closed, but for a shared memory of a size, which
 * the place's user may use whoever that is.
 */
function devices({ limitSharedMemory }: Sandbox): string[] {
  const size = limitSharedMemory ? ["--size", String(sharedMemoryBytes)] : [];
  return ["--dev", "/dev", "--perms", "1777", ...size, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"];
}

function ownDirectories(directories: PlaceDirectories): string[] {
  return [
    ...["--bind", directories.workspace, insidePlace.workspace],
    ...["--bind", directories.home, insidePlace.home],
    ...["--bind", directories.temporary, "/tmp"],
    ...["--symlink", "/tmp", "/var/tmp"],
    ...["--ro-bind", directories.in, insidePlace.in],
    ...["--bind", directories.out, insidePlace.out],
  ];
}

function walls(sandbox: Sandbox, identity: SandboxIdentity): string[] {
  const user =
    identity.kind === "mapped"
      ? [
          ...["--unshare-user", "--uid", String(mappedUserId), "--gid", String(mappedUserId)],
          ...(sandbox.disableUserNamespaces ? ["--disable-userns"] : []),
          ...["--cap-drop", "ALL"],
        ]
      : // Kept for one step: setpriv needs them to become the place's user, and loses them by that.
        [
          "--cap-drop",
          "ALL",
          ...["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"].flatMap((cap) => ["--cap-add", cap]),
        ];
  return [
    ...["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net", "--unshare-cgroup-try"],
    ...["--hostname", insideHostname, "--new-session"],
    // With the shell that waits for bwrap, so that killing any of them ends the whole place.
    "--die-with-parent",
    ...user,
  ];
}

/** The environment of a session, of every runtime: all of it, nothing is inherited. */
function environment(variables: Readonly<Record<string, string>>): string[] {
  const all: Record<string, string> = {
    HOME: insidePlace.home,
    USER: insideUser,
    LOGNAME: insideUser,
    PATH: insidePath,
    // `npm install --global` goes where the session may write and PATH looks.
    NPM_CONFIG_PREFIX: `${insidePlace.home}/.local`,
    AGENT_IN: insidePlace.in,
    AGENT_OUT: insidePlace.out,
    AGENT_WORKSPACE: insidePlace.workspace,
    AGENT_HOME: insidePlace.home,
    AGENT_EGRESS_PORT: String(insidePlace.egressPort),
    AGENT_CLAUDE_BINARY: inside.claude,
    ...variables,
  };
  return ["--clearenv", ...Object.entries(all).flatMap(([name, value]) => ["--setenv", name, value])];
}

/** bwrap's arguments: a fresh root with nothing of the host but what is named here. */
export function bubblewrapArgs(
  sandbox: Sandbox,
  identity: SandboxIdentity,
  directories: PlaceDirectories,
  sessionPrograms: SessionPrograms,
  variables: Readonly<Record<string, string>>,
): string[] {
  const userId = identity.kind === "mapped" ? mappedUserId : identity.userId;
  return [
    ...walls(sandbox, identity),
    ...parents,
    ...systemDirectories(),
    ...etc(directories, userId),
    ...["--proc", "/proc"],
    ...devices(sandbox),
    ...programs(sessionPrograms),
    ...ownDirectories(directories),
    // Not the workspace, which root without its capabilities may not be able to enter; the agent goes there itself.
    ...["--remount-ro", "/", "--chdir", "/"],
    ...environment(variables),
  ];
}

/** What bwrap runs: the last steps down, then the command. */
export function insideCommand(
  sandbox: Sandbox,
  identity: SandboxIdentity,
  limits: ResolvedLimits,
  command: readonly string[],
): string[] {
  const user = identity.kind === "own-user" ? String(identity.userId) : "";
  const becomeUser =
    identity.kind === "own-user"
      ? [
          ...["/usr/bin/setpriv", `--reuid=${user}`, `--regid=${user}`, "--clear-groups"],
          ...["--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all", "--"],
        ]
      : [];
  const resourceLimits = existsSync("/usr/bin/prlimit")
    ? [
        ...["/usr/bin/prlimit", "--core=0:0", `--fsize=${limits.diskMb * 1024 * 1024}`],
        ...(sandbox.limitProcesses ? [`--nproc=${limits.pids}:${limits.pids}`] : []),
        "--",
      ]
    : [];
  return [...becomeUser, ...resourceLimits, ...command];
}

export const insideAgentScript = join(inside.agent, "agent.js");
export const insideClaude = inside.claude;
export const insideNode = inside.node;

/** The npm that goes with a Node, or the first other there is. */
export function findNpm(nodeBinary: string, path: readonly string[]): string | null {
  const prefixes = [dirname(dirname(nodeBinary)), ...path.map(dirname), "/usr", "/usr/local"];
  const candidates = prefixes.flatMap((prefix) => [
    join(prefix, "lib/node_modules/npm"),
    join(prefix, "share/nodejs/npm"),
  ]);
  return candidates.find((candidate) => existsSync(join(candidate, "bin/npm-cli.js"))) ?? null;
}
