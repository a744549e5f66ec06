import { createHash } from "node:crypto";
import { insidePlace, type PlaceId } from "@remote-claude/protocol";
import type { MountSettings } from "dockerode";
import type { PlaceSpec } from "../runtime.ts";

/** Labels are the Docker runtime's memory: everything of ours in an engine carries the first, and is found by it. */
export const labels = {
  /** Which Remote Claude it belongs to: one engine may serve several. */
  installation: "remote-claude.installation",
  place: "remote-claude.place",
  template: "remote-claude.template",
  /** `session`, or `helper` for the short-lived containers that work on disks. */
  role: "remote-claude.role",
  /** Of a volume: how large the disk behind it is; absent when nothing limits it. */
  diskMb: "remote-claude.disk-mb",
} as const;

/** The user of every session image, and the number Docker starts it as whatever the image says. */
export const sessionUserId = 1000;

/** A name for the installation that owns this run directory: the same after every restart. */
export function installationOf(hostRunDir: string): string {
  return createHash("sha256").update(hostRunDir).digest("hex").slice(0, 12);
}

/** Labels cannot change, a name can: it tells a place made ahead of need from one that is somebody's. */
export const containerName = (placeId: PlaceId, warm = false) =>
  `remote-claude-${warm ? "warm-" : ""}${placeId}`;

/** A mount that Docker accepts; what the types of dockerode insist on beyond that is optional. */
export interface Mount {
  readonly Type: "bind" | "volume";
  readonly Source: string;
  readonly Target: string;
  readonly ReadOnly: boolean;
  readonly BindOptions?: { readonly NonRecursive: true };
  readonly VolumeOptions?: { readonly Subpath: string };
}
/** As dockerode's type has it. */
export const asMountSettings = (mounts: readonly Mount[]): MountSettings[] =>
  [...mounts] as unknown as MountSettings[];

export interface ContainerContext {
  readonly placeId: PlaceId;
  readonly spec: PlaceSpec;
  readonly installation: string;
  /** `<run>/<place>` as the engine's host sees it. */
  readonly hostRunDirectory: string;
  /** The group of that directory, by which the session may use its sockets. */
  readonly groupId: number;
  /** Workspace and home, as the place's disk offers them. */
  readonly disk: readonly Mount[];
  readonly logLevel: string;
}

const mib = 1024 * 1024;
/** What the largest engines of today allow everywhere; a few machines refuse more. */
const maxOpenFiles = 20_000;
const sharedMemoryMb = 256;

const bind = (source: string, target: string, readOnly: boolean): Mount => ({
  Type: "bind",
  Source: source,
  Target: target,
  ReadOnly: readOnly,
  // No propagation is named: the engine then chooses what it accepts, below its own directory (compose's volumes) too.
  BindOptions: { NonRecursive: true },
});

/**
 * Everything about a session's container, from nothing but a resolved spec: image, runtime and bounds come from the
 * admin's template, names from the place, and what is mounted is its own disk and its own two directories. Pure, so
 * that a test can look at all of it.
 */
export function containerOptions(context: ContainerContext) {
  const { placeId, spec, installation, hostRunDirectory, logLevel } = context;
  return {
    name: containerName(placeId, spec.warm),
    Image: spec.template.image,
    User: `${sessionUserId}:${sessionUserId}`,
    WorkingDir: insidePlace.workspace,
    Hostname: "session",
    Env: [
      `AGENT_IN=${insidePlace.in}`,
      `AGENT_OUT=${insidePlace.out}`,
      `AGENT_WORKSPACE=${insidePlace.workspace}`,
      `AGENT_HOME=${insidePlace.home}`,
      `AGENT_EGRESS_PORT=${insidePlace.egressPort}`,
      `LOG_LEVEL=${logLevel}`,
    ],
    Labels: {
      [labels.installation]: installation,
      [labels.role]: "session",
      [labels.place]: placeId,
      [labels.template]: spec.template.name,
    },
    // Whatever the image says: session-manager alone decides whether an agent is well.
    Healthcheck: { Test: ["NONE"] },
    HostConfig: {
      ...walls(context),
      ...limits(spec),
      Mounts: [
        ...context.disk,
        bind(`${hostRunDirectory}/in`, insidePlace.in, true),
        bind(`${hostRunDirectory}/out`, insidePlace.out, false),
      ],
      // Who ends is known by being there; the agent's own log is what people are told when it did not start.
      AutoRemove: false,
      RestartPolicy: { Name: "no" },
      LogConfig: { Type: "json-file", Config: { "max-size": "2m", "max-file": "2" } },
    },
  };
}

function walls({ spec, groupId }: ContainerContext) {
  return {
    NetworkMode: "none",
    IpcMode: "private",
    CgroupnsMode: "private",
    PidMode: "",
    UTSMode: "",
    CapDrop: ["ALL"],
    // seccomp is not named: the engine's default profile applies.
    SecurityOpt: ["no-new-privileges:true"],
    Privileged: false,
    ReadonlyRootfs: true,
    GroupAdd: [String(groupId)],
    Init: true,
    ...(spec.template.runtime === "runsc" ? { Runtime: "runsc" } : {}),
  };
}

function limits({ limits: { memoryMb, cpus, pids } }: PlaceSpec) {
  return {
    Memory: memoryMb * mib,
    // As much as memory alone: no swap.
    MemorySwap: memoryMb * mib,
    NanoCpus: Math.round(cpus * 1e9),
    PidsLimit: pids,
    ShmSize: Math.min(sharedMemoryMb, Math.floor(memoryMb / 8)) * mib,
    OomScoreAdj: 500,
    Ulimits: [
      { Name: "nofile", Soft: maxOpenFiles, Hard: maxOpenFiles },
      { Name: "core", Soft: 0, Hard: 0 },
    ],
    // Both count as the session's memory, and full they must leave its programs some.
    Tmpfs: {
      "/tmp": `rw,exec,nosuid,nodev,size=${Math.floor(memoryMb / 4)}m,mode=1777`,
      "/run": "rw,noexec,nosuid,nodev,size=16m,mode=755",
    },
  };
}
