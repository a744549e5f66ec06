import { readFileSync } from "node:fs";
import { AppError } from "@remote-claude/protocol";
import type Docker from "dockerode";

const ownContainer = /\/containers\/([0-9a-f]{64})\/(?:resolv\.conf|hostname|hosts) /;

/** The id of the container this process runs in, from the files that an engine mounts into each; null outside. */
export function findOwnContainer(mountInfo: string): string | null {
  return ownContainer.exec(mountInfo)?.[1] ?? null;
}

interface MountPoint {
  readonly Source: string;
  readonly Destination: string;
}

/** A path of this container as the host knows it: below the mount that holds it. null: it is on no mount. */
export function translatePath(path: string, mounts: readonly MountPoint[]): string | null {
  const within = (directory: string) => path === directory || path.startsWith(`${directory}/`);
  const [mount] = mounts
    .filter(({ Destination }) => within(Destination))
    .sort((one, other) => other.Destination.length - one.Destination.length);
  return mount === undefined ? null : mount.Source + path.slice(mount.Destination.length);
}

function readMountInfo(): string {
  try {
    return readFileSync("/proc/self/mountinfo", "utf8");
  } catch {
    return "";
  }
}

/** The engine mounts by its host's paths, and session-manager may itself be in a container of that engine. */
export async function findHostPath(docker: Docker, path: string): Promise<string> {
  const own = findOwnContainer(readMountInfo());
  if (own === null) return path;
  const { Mounts } = await docker.getContainer(own).inspect();
  const found = translatePath(path, Mounts);
  if (found === null) {
    throw new AppError("internal", `${path} must be a volume that session-manager shares with the host`);
  }
  return found;
}
