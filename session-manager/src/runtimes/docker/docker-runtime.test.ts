import { AppError } from "@remote-claude/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DockerHarness, docker, dockerUnavailable } from "../../testing/docker-harness.ts";
import { newPlaceId } from "../../testing/local-harness.ts";
import type { DockerRuntime } from "./docker-runtime.ts";

const reason = await dockerUnavailable();
const title = (sentence: string) => (reason === null ? sentence : `${sentence} [skipped: ${reason}]`);

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
