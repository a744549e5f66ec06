import { readdir } from "node:fs/promises";
import { PlaceId } from "@remote-claude/protocol";
import type Docker from "dockerode";
import type { Logger } from "pino";
import { installationOf, labels } from "./container-options.ts";
import { listDisks } from "./disks.ts";
import { engineCall, openEngine, unlessGone } from "./engine.ts";
import { Helper } from "./helper.ts";
import { findHostPath } from "./host-path.ts";
import { LoopDisks } from "./loop-disks.ts";
import { PlainDisks } from "./plain-disks.ts";
import { removeRunDirectory, runDirectoryOf } from "./run-directory.ts";

export interface RemoveAllOptions {
  readonly socketPath: string;
  readonly runDir: string;
  readonly helperImage: string;
  readonly disksVolume?: string | undefined;
  readonly log: Pick<Logger, "info" | "warn">;
}

/**
 * Removes every container, disk and loop device that carries this installation's label, and the places' directories:
 * what `docker compose down --volumes` cannot know of. Nothing of another installation's is touched, for the label is
 * made from the run directory. May be repeated.
 */
export async function removeAll(options: RemoveAllOptions): Promise<{ containers: number; disks: number }> {
  const { socketPath, runDir, helperImage, log } = options;
  const docker = openEngine(socketPath);
  const hostRunDir = await engineCall(() => findHostPath(docker, runDir));
  const installation = installationOf(hostRunDir);
  const store = options.disksVolume ?? `remote-claude-${installation}-disks`;
  const helper = new Helper({ docker, image: helperImage, installation });
  const containers = await removeContainers(docker, installation, log);
  const disks = await removeDisks({ docker, image: helperImage, installation, store, log });
  for (const name of await readdir(runDir).catch(() => [])) {
    if (!PlaceId.safeParse(name).success) continue;
    await removeRunDirectory(runDirectoryOf(runDir, hostRunDir, name), helper);
  }
  // Compose removes its own volume; one that we made ourselves is nobody else's to remove.
  if (options.disksVolume === undefined) await unlessGone(() => docker.getVolume(store).remove());
  return { containers, disks };
}

async function removeContainers(
  docker: Docker,
  installation: string,
  log: RemoveAllOptions["log"],
): Promise<number> {
  const filters = { label: [`${labels.installation}=${installation}`] };
  const found = await engineCall(() => docker.listContainers({ all: true, filters }));
  for (const { Id, Names } of found) {
    await unlessGone(() => docker.getContainer(Id).remove({ force: true, v: true }));
    log.info({ container: Names[0]?.slice(1) }, "removed");
  }
  // A helper among them is nobody's session.
  return found.filter(({ Labels }) => Labels[labels.role] === "session").length;
}

async function removeDisks(context: {
  readonly docker: Docker;
  readonly image: string;
  readonly installation: string;
  readonly store: string;
  readonly log: RemoveAllOptions["log"];
}): Promise<number> {
  const { docker, installation, log } = context;
  const plain = new PlainDisks(docker, installation);
  const loop = new LoopDisks(context);
  // Files that no volume names get one again, so that there is one way to remove them.
  await loop.recover().catch((error: unknown) => {
    log.warn({ reason: (error as Error).message }, "files of disks cannot be looked through");
  });
  const disks = await listDisks(docker, installation);
  for (const { placeId } of disks) {
    await plain.remove(placeId);
    await loop.remove(placeId);
    log.info({ disk: placeId }, "removed");
  }
  // It has the volume mounted that the files are in.
  await loop.close();
  return disks.length;
}
