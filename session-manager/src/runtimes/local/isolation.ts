import { spawnSync } from "node:child_process";
import {
  accessSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { minimumLimits } from "@remote-claude/protocol";
import {
  bubblewrapArgs,
  insideAgentScript,
  insideClaude,
  insideCommand,
  insideNode,
  type Sandbox,
  type SandboxIdentity,
  type SessionPrograms,
} from "./bubblewrap.ts";
import { directoriesOf, prepareDirectories } from "./directories.ts";

/** How places are walled off on this machine; found out once, by trying. */
export type LocalIsolation =
  | { readonly kind: "bubblewrap"; readonly sandbox: Sandbox; readonly identity: SandboxIdentity["kind"] }
  | { readonly kind: "none"; readonly message: string };

const consequence =
  "Sessions are not isolated: they can read and change whatever the account that runs Remote Claude can.";

export function findOnPath(name: string, path: readonly string[]): string | null {
  for (const directory of path) {
    const candidate = join(directory, name);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // The next directory may have it.
    }
  }
  return null;
}

/** Since 5.14 the kernel counts processes per user namespace; before, all of the person's count. */
function countsPerNamespace(): boolean {
  const [major = 0, minor = 0] = release().split(".").map(Number);
  return major > 5 || (major === 5 && minor >= 14);
}

/** Above what people and containers' first ranges use, below what tar can write down (2,097,151). */
const ownUserIds = { first: 1_500_000, count: 500_000 };

/** The first choice of a user for a place, from its name: no person's on this host, but two names may agree on it. */
export function ownUserId(placeId: string): number {
  let hash = 0;
  for (const character of placeId) hash = (hash * 31 + character.charCodeAt(0)) % ownUserIds.count;
  return ownUserIds.first + hash;
}

/**
 * A user for one place alone: the one it has already, or the first from its name on that no other place holds. Written
 * down among the holders at once, so that two places which start together cannot get the same.
 */
export function claimUserId(placeId: string, holders: Map<string, number>): number {
  const others = new Set([...holders].filter(([holder]) => holder !== placeId).map(([, userId]) => userId));
  let userId = holders.get(placeId) ?? ownUserId(placeId);
  while (others.has(userId)) userId = ownUserIds.first + ((userId - ownUserIds.first + 1) % ownUserIds.count);
  holders.set(placeId, userId);
  return userId;
}

/** Of directories that are left when session-manager is killed while it tries. */
export const triesPrefix = ".try-";

/** The session's user must be able to read what it is to run, wherever that is installed. */
const canRun = `
const { accessSync, constants } = require("node:fs");
accessSync(${JSON.stringify(insideAgentScript)}, constants.R_OK);
accessSync(${JSON.stringify(insideClaude)}, constants.X_OK);
`;

const probePlace = "aaaaaaaaaaaa";

/** Starts Node in a sandbox like the real one. null when that works, else what went wrong. */
async function tryOut(
  sandbox: Sandbox,
  kind: SandboxIdentity["kind"],
  programs: SessionPrograms,
  scratchDir: string,
): Promise<string | null> {
  const directory = mkdtempSync(join(scratchDir, triesPrefix));
  try {
    const identity: SandboxIdentity = kind === "mapped" ? { kind } : { kind, userId: ownUserId(probePlace) };
    const directories = directoriesOf(join(directory, "p"), join(directory, "r"), probePlace);
    await prepareDirectories(directories, {
      now: kind === "mapped" ? null : ownUserId(probePlace),
      before: null,
    });
    const argsFile = join(directory, "bwrap.args");
    writeFileSync(argsFile, bubblewrapArgs(sandbox, identity, directories, programs, {}).join("\0"));
    const limits = { ...minimumLimits, diskMb: 1024 };
    const command = insideCommand(sandbox, identity, limits, [insideNode, "-e", canRun]);
    const descriptor = openSync(argsFile, "r");
    const result = spawnSync(sandbox.binary, ["--args", "3", "--", ...command], {
      stdio: ["ignore", "ignore", "pipe", descriptor],
      encoding: "utf8",
      timeout: 20_000,
      env: {},
    });
    closeSync(descriptor);
    if (result.status === 0) return null;
    const said = result.stderr?.split("\n").find((line) => /^(bwrap|setpriv|prlimit|Error):/.test(line));
    return said ?? result.error?.message ?? `it ended with ${result.status ?? result.signal}`;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function findSandbox(path: readonly string[]): Sandbox | null {
  const binary = findOnPath("bwrap", path);
  if (binary === null) return null;
  const help = spawnSync(binary, ["--help"], { encoding: "utf8", env: {} }).stdout ?? "";
  const disableUserNamespaces = help.includes("--disable-userns");
  const limitSharedMemory = help.includes("--size BYTES");
  return { binary: realpathSync(binary), disableUserNamespaces, limitProcesses: true, limitSharedMemory };
}

/** Every way that may work here, the strictest first. */
function variants(sandbox: Sandbox): { sandbox: Sandbox; kind: SandboxIdentity["kind"] }[] {
  if (process.getuid?.() === 0) return [{ sandbox, kind: "own-user" }];
  const mapped = { ...sandbox, limitProcesses: countsPerNamespace() };
  return [
    { sandbox: mapped, kind: "mapped" as const },
    { sandbox: { ...mapped, disableUserNamespaces: false }, kind: "mapped" as const },
  ];
}

export async function findIsolation(options: {
  path: readonly string[];
  programs: SessionPrograms;
  /** Must exist, and be where places will be: that their directories can be mounted is part of the question. */
  scratchDir: string;
}): Promise<LocalIsolation> {
  if (process.platform !== "linux") {
    return { kind: "none", message: `${consequence} Bubblewrap, which would do it, exists for Linux alone.` };
  }
  const sandbox = findSandbox(options.path);
  if (sandbox === null) {
    const remedy =
      "Install it (`apt-get install bubblewrap` or your distribution's way), then start Remote Claude again.";
    return { kind: "none", message: `${consequence} Bubblewrap is not installed. ${remedy}` };
  }
  let problem = "";
  for (const variant of variants(sandbox)) {
    const failure = await tryOut(variant.sandbox, variant.kind, options.programs, options.scratchDir);
    if (failure === null) return { kind: "bubblewrap", sandbox: variant.sandbox, identity: variant.kind };
    problem ||= failure;
  }
  const remedy =
    process.getuid?.() === 0
      ? "It needs `setpriv` (util-linux) and the capability CAP_SYS_ADMIN when Remote Claude runs as root."
      : "This system probably refuses user namespaces to ordinary accounts; its administrator can allow them.";
  return {
    kind: "none",
    message: `${consequence} Bubblewrap is installed but does not work (${problem}). ${remedy}`,
  };
}
