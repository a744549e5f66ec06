import { execFile } from "node:child_process";
import { chownSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { AppError } from "@remote-claude/protocol";
import pino from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  DockerHarness,
  docker,
  dockerUnavailable,
  fixtureImage,
  socketPath,
} from "../../testing/docker-harness.ts";
import { newPlaceId } from "../../testing/local-harness.ts";
import { labels } from "./container-options.ts";
import type { DockerRuntime } from "./docker-runtime.ts";
import { removeAll } from "./remove-all.ts";

const run = promisify(execFile);
const reason = await dockerUnavailable();
const title = (sentence: string) => (reason === null ? sentence : `${sentence} [skipped: ${reason}]`);

/** The files behind this machine's loop devices. */
function loopFiles(): string[] {
  return readdirSync("/sys/block").flatMap((name) => {
    try {
      return name.startsWith("loop")
        ? [readFileSync(`/sys/block/${name}/loop/backing_file`, "utf8").trim()]
        : [];
    } catch {
      return [];
    }
  });
}

/** What containers have beyond the contract of every runtime. */
describe.skipIf(reason !== null)("the Docker runtime", () => {
  let harness: DockerHarness;
  let runtime: DockerRuntime;
  const placeId = newPlaceId();

  beforeEach(async () => {
    harness = new DockerHarness();
    runtime = await harness.open();
  });
  afterEach(() => harness.close());

  it(title("finds a disk again that the engine has lost sight of, with what is on it"), async () => {
    await runtime.ensure(placeId, harness.buildSpec(placeId));
    await harness.run(placeId, "echo kept > /workspace/file && sync");
    await runtime.stop(placeId);
    await docker.getVolume(`remote-claude-${placeId}`).remove();
    const later = await harness.open();
    expect(await later.list()).toMatchObject([{ placeId, state: "stopped" }]);
    await later.ensure(placeId, harness.buildSpec(placeId));
    expect((await harness.run(placeId, "cat /workspace/file")).output).toBe("kept\n");
  });

  it(
    title("has one helper for all disks, another when that was killed, and none when it closes"),
    async () => {
      const findHelpers = async () => {
        const label = [`${labels.installation}=${runtime.installation}`, `${labels.role}=helper`];
        return docker.listContainers({ all: true, filters: { label } });
      };
      const others = [newPlaceId(), newPlaceId()];
      await Promise.all(others.map((other) => runtime.ensure(other, harness.buildSpec(other))));
      const [helper, ...more] = await findHelpers();
      expect(more).toEqual([]);
      await docker.getContainer(helper?.Id ?? "").kill();
      // The next disk may be on its way by another one already.
      const gone = async () => expect((await findHelpers()).map(({ Id }) => Id)).not.toContain(helper?.Id);
      await vi.waitFor(gone, { timeout: 10_000 });
      expect(await runtime.ensure(placeId, harness.buildSpec(placeId))).toMatchObject({ state: "running" });
      expect(await findHelpers()).toHaveLength(1);
      await runtime.close({ stopPlaces: true });
      expect(await findHelpers()).toEqual([]);
    },
  );

  it(title("has the next disk made ahead of need, as good as any, and takes the last one away"), async () => {
    const label = [`${labels.installation}=${runtime.installation}`, `${labels.role}=helper`];
    const files = async () => {
      const [helper] = await docker.listContainers({ filters: { label } });
      const { stdout } = await run("docker", ["exec", helper?.Id ?? "", "ls", "/disks"]);
      return stdout.split("\n").filter((name) => /^[^.]+\.(ext4|spare)$/.test(name));
    };
    await runtime.ensure(placeId, harness.buildSpec(placeId));
    await vi.waitFor(async () => expect((await files()).sort()).toEqual(["256.spare", `${placeId}.ext4`]), {
      timeout: 10_000,
    });
    const next = newPlaceId();
    await runtime.ensure(next, harness.buildSpec(next));
    const used = await harness.run(next, "echo mine > /workspace/file && cat /workspace/file && id -u");
    expect(used.output).toBe("mine\n1000\n");
    // A later session-manager knows it by its place, as every other, and finds no spare one.
    runtime = await harness.open();
    expect((await files()).sort()).toEqual([placeId, next].map((place) => `${place}.ext4`).sort());
    expect((await harness.run(next, "cat /workspace/file")).output).toBe("mine\n");
    await runtime.remove(next);
    expect(await files()).toEqual([`${placeId}.ext4`]);
  });

  it(title("holds a session to its disk, and leaves its neighbour's alone"), async () => {
    const neighbour = newPlaceId();
    await runtime.ensure(placeId, harness.buildSpec(placeId));
    await runtime.ensure(neighbour, harness.buildSpec(neighbour));
    const filled = await harness.run(placeId, "dd if=/dev/zero of=/workspace/full bs=1M 2>&1");
    expect(filled.output).toMatch(/No space left on device/);
    const written = await harness.run(neighbour, "dd if=/dev/zero of=/workspace/mine bs=1M count=50 2>&1");
    expect(written.output).toMatch(/52428800 bytes/);
    // Full is no reason to be lost: it stops, starts and can be emptied.
    await runtime.stop(placeId);
    await runtime.ensure(placeId, harness.buildSpec(placeId));
    expect((await harness.run(placeId, "rm /workspace/full && echo emptied")).output).toBe("emptied\n");
  });

  it(
    title("lets nothing be written beside its socket, and the socket be neither removed nor replaced"),
    async () => {
      await runtime.ensure(placeId, harness.buildSpec(placeId));
      const attempt =
        'cd "$AGENT_OUT" && (echo x > file; rm -f agent.sock; mv agent.sock other; chmod 777 .; mkdir d) 2>&1; ls';
      const { output } = await harness.run(placeId, attempt);
      expect(output.match(/denied|not permitted/gi)).toHaveLength(5);
      expect(output.trim().split("\n").at(-1)).toBe("agent.sock");
      // The next agent can listen there all the same, also where somebody else made the folder.
      await runtime.stop(placeId);
      const out = join(harness.runDir, placeId, "out");
      chownSync(out, 1000, -1);
      writeFileSync(join(out, "left-over"), "");
      chownSync(join(out, "left-over"), 1000, 1000);
      expect(await runtime.ensure(placeId, harness.buildSpec(placeId))).toMatchObject({ state: "running" });
      expect(
        (await harness.run(placeId, 'ls "$AGENT_OUT"; touch "$AGENT_OUT/x" 2>/dev/null || true')).output,
      ).toBe("agent.sock\n");
    },
  );

  it(title("is removed whole by one call, and nothing of another installation with it"), async () => {
    const other = new DockerHarness();
    try {
      const [stopped, theirs] = [newPlaceId(), newPlaceId()];
      await runtime.ensure(placeId, harness.buildSpec(placeId));
      await runtime.ensure(stopped, harness.buildSpec(stopped));
      await runtime.stop(stopped);
      const neighbour = await other.open();
      await neighbour.ensure(theirs, harness.buildSpec(theirs));
      const options = {
        socketPath,
        runDir: harness.runDir,
        helperImage: fixtureImage,
        log: pino({ level: "silent" }),
      };
      expect(await removeAll(options)).toEqual({ containers: 1, disks: 2 });
      const label = [`${labels.installation}=${runtime.installation}`];
      expect(await docker.listContainers({ all: true, filters: { label } })).toEqual([]);
      expect((await docker.listVolumes({ filters: JSON.stringify({ label }) })).Volumes ?? []).toEqual([]);
      expect(loopFiles().filter((file) => file.includes(placeId) || file.includes(stopped))).toEqual([]);
      expect(readdirSync(harness.runDir)).toEqual([]);
      expect(await neighbour.find(theirs)).toMatchObject({ state: "running" });
      expect(await removeAll(options)).toEqual({ containers: 0, disks: 0 });
    } finally {
      await other.close();
    }
  });

  it(title("names a server whose disk is full, and works again when there is room"), async () => {
    const store = `remote-claude-test-${placeId}`;
    const inMemory = { type: "tmpfs", device: "tmpfs", o: "size=24m" };
    await docker.createVolume({ Name: store, Driver: "local", DriverOpts: inMemory });
    const cramped = await harness.open({ disksVolume: store });
    try {
      await cramped.ensure(placeId, harness.buildSpec(placeId));
      const fill =
        "dd if=/dev/zero of=/workspace/full bs=1M count=100 conv=fsync 2>&1; sync; echo x 2>&1 > /workspace/x";
      expect((await harness.run(placeId, fill)).output).toMatch(/No space left|Input\/output|Read-only/);
      expect(await cramped.find(placeId)).toMatchObject({ state: "running" });
      // Of another size: what may stand ready for the next place is of the first one's.
      const next = newPlaceId();
      const spec = harness.buildSpec(next, { diskMb: 300 });
      const refused = await cramped.ensure(next, spec).catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: "disk_full", message: "The server's disk is full." });
      expect(await cramped.find(next)).toMatchObject({ state: "lost", exit: { reason: "disk-full" } });
      await cramped.remove(placeId);
      expect(await cramped.ensure(next, spec)).toMatchObject({ state: "running" });
      expect((await harness.run(next, "echo y > /workspace/y && sync && cat /workspace/y")).output).toBe(
        "y\n",
      );
    } finally {
      for (const place of await cramped.list()) await cramped.remove(place.placeId);
      runtime = await harness.open();
      await docker.getVolume(store).remove();
    }
  });

  it(title("names an image that is not there, and works again when it is"), async () => {
    const spec = harness.buildSpec(placeId);
    const missing = { ...spec, template: { ...spec.template, image: "remote-claude/no-such-image" } };
    const refused = await runtime.ensure(placeId, missing).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AppError);
    expect(refused).toMatchObject({ code: "image_missing" });
    expect((refused as AppError).message).toContain("remote-claude/no-such-image");
    expect(await runtime.ensure(placeId, spec)).toMatchObject({ state: "running" });
  });

  it(title("says that there is no engine"), async () => {
    const refused = await harness
      .open({ socketPath: "/nowhere/docker.sock" })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "engine_unavailable" });
  });
});
