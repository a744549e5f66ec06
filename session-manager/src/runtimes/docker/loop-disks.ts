import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { insidePlace, PlaceId } from "@remote-claude/protocol";
import type Docker from "dockerode";
import { labels, type Mount } from "./container-options.ts";
import { DiskHelper } from "./disk-helper.ts";
import { type DiskRequest, type Disks, listDisks } from "./disks.ts";
import { engineCall, unlessGone } from "./engine.ts";
import type { HelperJob } from "./helper.ts";

/** Loop devices and nothing else of the host's: block devices of major 7, and the one that hands them out. */
const loopDevices = ["b 7:* rmw", "c 10:237 rmw"];

/** `make FILE MB`: a file system with nothing in it but where workspace and home will be. */
const make = `make() {
  rm -f "$1"
  mkdir -p /tmp/root/workspace /tmp/root/home
  chown 1000:1000 /tmp/root/workspace /tmp/root/home
  truncate -s "$2M" "$1"
  mke2fs -q -t ext4 -m 0 -E lazy_itable_init=1,lazy_journal_init=1 -d /tmp/root "$1"
}
`;

/**
 * The jobs of the helper. A file that names no loop device of its own has lost it, to a restart of the machine for
 * instance.
 */
const scripts = {
  probe: `set -eu
file=$(mktemp /disks/probe.XXXXXX)
trap 'rm -f "$file"' EXIT
truncate -s 4M "$file"
device=$(losetup --find --show "$file")
losetup --detach "$device"
`,
  ensure: `set -eu
${make}
file=/disks/$1.ext4
if [ ! -e "$file" ] && ! mv "/disks/$2.spare" "$file" 2> /dev/null; then
  make "$file.new" "$2"
  mv "$file.new" "$file"
fi
device=$(losetup --associated "$file" --output NAME --noheadings | head -n 1)
if [ "$(stat -c %s "$file")" -lt "$(($2 * 1048576))" ]; then
  truncate -s "$2M" "$file"
  [ -z "$device" ] || losetup --set-capacity "$device"
  e2fsck -f -p "$file" > /dev/null || [ $? -le 1 ]
  resize2fs "$file" > /dev/null
fi
[ -n "$device" ] || device=$(losetup --find --show "$file")
echo "$device"
`,
  remove: `set -eu
file=/disks/$1.ext4
# Names of places are never used twice: a file that was removed under its device is found by its name alone.
for device in $(losetup --list --noheadings --output NAME,BACK-FILE | grep -F "/$1.ext4" | cut -d ' ' -f 1); do
  losetup --detach "$device"
done
rm -f "$file" "$file.new"
`,
  spare: `set -eu
${make}
file=/disks/$1.spare
[ ! -e "$file" ] || exit 0
make "$file.new" "$1"
losetup --find "$file.new"
mv "$file.new" "$file"
`,
  clear: `set -eu
for file in /disks/*.spare; do
  [ -e "$file" ] || continue
  for device in $(losetup --associated "$file" --output NAME --noheadings); do losetup --detach "$device"; done
  rm -f "$file"
done
`,
  list: `set -eu
rm -f /disks/*.new
for file in /disks/*.ext4; do
  [ -e "$file" ] || continue
  name=\${file##*/}
  echo "\${name%.ext4} $(($(stat -c %s "$file") / 1048576))"
done
`,
};

/** A session is starting: its container comes first. */
const spareAfterMs = 500;
const clearWithinMs = 5_000;

const volumeName = (placeId: PlaceId) => `remote-claude-${placeId}`;

/**
 * For each place a file system of its own, in a sparse file of the template's size behind a loop device: full is full,
 * for bytes and for files, and no other place notices. The files are in one volume of the engine's; beside them may lie one
 * that nobody has used, for the next place of its size.
 */
export class LoopDisks implements Disks {
  readonly enforcement = "enforced";
  readonly #docker: Docker;
  readonly #helper: DiskHelper;
  readonly #installation: string;
  readonly #store: string;
  readonly #sysBlock: string;
  #spareTimer: NodeJS.Timeout | undefined;
  #spare: Promise<unknown> = Promise.resolve();

  constructor(options: {
    readonly docker: Docker;
    /** The image that helpers run. */
    readonly image: string;
    readonly installation: string;
    /** The volume that holds the files. */
    readonly store: string;
    readonly sysBlock?: string;
  }) {
    this.#docker = options.docker;
    this.#helper = new DiskHelper({ ...options, scripts, container: diskWork(options.store) });
    this.#installation = options.installation;
    this.#store = options.store;
    this.#sysBlock = options.sysBlock ?? "/sys/block";
  }

  /** Throws unless disks can be made here. */
  async probe(): Promise<void> {
    const Labels = { [labels.installation]: this.#installation };
    await engineCall(() => this.#docker.createVolume({ Name: this.#store, Labels }));
    await this.#helper.run("probe", []);
  }

  async ensure({ placeId, template, sizeMb }: DiskRequest): Promise<readonly Mount[]> {
    const name = volumeName(placeId);
    const volume = await unlessGone(() => this.#docker.getVolume(name).inspect());
    const attached = volume?.Options?.device ?? null;
    const isLargeEnough = Number(volume?.Labels[labels.diskMb] ?? 0) >= sizeMb;
    if (attached === null || !isLargeEnough || !this.#leadsTo(attached, placeId)) {
      const device = await this.#helper.run("ensure", [placeId, String(sizeMb)]);
      if (!/^\/dev\/loop\d+$/.test(device)) throw new Error(`no loop device: ${device}`);
      // A volume's device cannot be changed; what is on it is in the file.
      if (volume !== null) await unlessGone(() => this.#docker.getVolume(name).remove());
      else this.#makeSpareSoon(sizeMb);
      await this.#createVolume({ placeId, template, sizeMb }, device);
    }
    return [
      { ...mountOf(name, "workspace"), Target: insidePlace.workspace },
      { ...mountOf(name, "home"), Target: insidePlace.home },
    ];
  }

  async remove(placeId: PlaceId): Promise<void> {
    const volume = this.#docker.getVolume(volumeName(placeId));
    if ((await unlessGone(() => volume.inspect())) === null) return;
    await this.#helper.run("remove", [placeId]);
    await unlessGone(() => volume.remove());
  }

  /**
   * Gives files that no volume names their volumes again: after a restore into an empty engine, or when making or
   * removing one was cut short. They may be somebody's work: what nobody wants, the api removes as any other place.
   */
  async recover(): Promise<void> {
    const known = new Set((await listDisks(this.#docker, this.#installation)).map(({ placeId }) => placeId));
    const files = await this.#helper.run("list", []);
    for (const line of files.split("\n")) {
      const [placeId = "", sizeMb] = line.split(" ");
      if (!PlaceId.safeParse(placeId).success || known.has(placeId)) continue;
      await this.ensure({ placeId, template: "default", sizeMb: Number(sizeMb) });
    }
  }

  /** Whether the device still holds this place's file: numbers are given anew after a restart of the machine. */
  #leadsTo(device: string, placeId: PlaceId): boolean {
    const name = device.slice("/dev/".length);
    try {
      if (!readdirSync(this.#sysBlock).includes(name)) return false;
      const file = readFileSync(`${this.#sysBlock}/${name}/loop/backing_file`, "utf8").trim();
      return file.endsWith(`/${placeId}.ext4`);
    } catch {
      // Not this machine's kernel, or nothing attached: the helper knows.
      return false;
    }
  }

  async #createVolume({ placeId, template, sizeMb }: DiskRequest, device: string): Promise<void> {
    const options = {
      Name: volumeName(placeId),
      Labels: {
        [labels.installation]: this.#installation,
        [labels.place]: placeId,
        [labels.template]: template,
        [labels.diskMb]: String(sizeMb),
      },
      Driver: "local",
      DriverOpts: { type: "ext4", device, o: "nodev,nosuid,noatime" },
    };
    await engineCall(() => this.#docker.createVolume(options));
  }

  /** The next session of this size finds its disk made. Without one, it has its own made as this one had. */
  #makeSpareSoon(sizeMb: number): void {
    clearTimeout(this.#spareTimer);
    this.#spareTimer = setTimeout(() => {
      this.#spare = this.#helper.run("spare", [String(sizeMb)]).catch(() => undefined);
    }, spareAfterMs);
    this.#spareTimer.unref();
  }

  async close(): Promise<void> {
    clearTimeout(this.#spareTimer);
    if (this.#helper.stands) {
      const cleared = this.#spare.then(() => this.#helper.run("clear", [])).catch(() => undefined);
      await Promise.race([cleared, delay(clearWithinMs, undefined, { ref: false })]);
    }
    await this.#helper.close();
  }
}

/** What the helper has of the host: its devices, of which it may open loop devices alone, and the volume. */
function diskWork(store: string): Omit<HelperJob, "script" | "args"> {
  return {
    mounts: [
      { Type: "bind", Source: "/dev", Target: "/dev", ReadOnly: false },
      { Type: "volume", Source: store, Target: "/disks", ReadOnly: false },
    ],
    capabilities: ["CHOWN"],
    deviceRules: loopDevices,
  };
}

function mountOf(volume: string, subpath: string): Omit<Mount, "Target"> {
  return { Type: "volume", Source: volume, ReadOnly: false, VolumeOptions: { Subpath: subpath } };
}
