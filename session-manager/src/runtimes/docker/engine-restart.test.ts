import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { DockerHarness, dockerUnavailable, fixtureImage } from "../../testing/docker-harness.ts";
import { newPlaceId } from "../../testing/local-harness.ts";
import { OwnEngine, ownEngineUnavailable } from "../../testing/own-engine.ts";
import type { DockerRuntime } from "./docker-runtime.ts";

const reason = (await dockerUnavailable()) ?? (await ownEngineUnavailable());
const title = reason === null ? "an engine" : `an engine [skipped: ${reason}]`;
const patience = { timeout: 60_000, interval: 100 };

describe.skipIf(reason !== null)(`${title} that ends and starts again`, { timeout: 180_000 }, () => {
  let engine: OwnEngine;
  let harness: DockerHarness;
  let runtime: DockerRuntime;

  beforeAll(async () => {
    engine = new OwnEngine();
    harness = new DockerHarness();
    await engine.start();
    await engine.take(fixtureImage);
    runtime = await harness.open({ socketPath: engine.socketPath });
  }, 180_000);
  afterAll(async () => {
    await harness?.close();
    await engine?.remove();
  }, 60_000);

  const stateOf = async (placeId: string) => (await runtime.find(placeId))?.state;

  it.each(["SIGTERM", "SIGKILL"] as const)(
    "by %s loses no workspace: sessions are found to have ended, and resume with what they had",
    async (signal) => {
      const [running, resting] = [newPlaceId(), newPlaceId()];
      for (const placeId of [running, resting]) {
        await runtime.ensure(placeId, harness.buildSpec(placeId));
        await harness.run(placeId, `echo ${placeId} > /workspace/file && sync`);
      }
      await runtime.stop(resting);

      await engine.stop(signal);
      const refused = await runtime.ensure(resting, harness.buildSpec(resting)).catch((error) => error);
      expect(refused).toMatchObject({ code: "engine_unavailable" });

      await engine.start();
      await vi.waitFor(async () => expect(await stateOf(running)).toBe("lost"), patience);
      for (const placeId of [running, resting]) {
        await vi.waitFor(() => runtime.ensure(placeId, harness.buildSpec(placeId)), patience);
        expect((await harness.run(placeId, "cat /workspace/file")).output).toBe(`${placeId}\n`);
        await runtime.remove(placeId);
      }
    },
  );

  it("and whose images were removed meanwhile says which one is missing, and goes on when it is back", async () => {
    const placeId = newPlaceId();
    await runtime.ensure(placeId, harness.buildSpec(placeId));
    await harness.run(placeId, "echo kept > /workspace/file && sync");
    await runtime.stop(placeId);
    // Under another name, for coming back.
    await engine.docker.getImage(fixtureImage).tag({ repo: "remote-claude/kept" });
    await engine.docker.getImage(fixtureImage).remove();
    const refused = await runtime.ensure(placeId, harness.buildSpec(placeId)).catch((error) => error);
    expect(refused).toMatchObject({ code: "image_missing", message: expect.stringContaining(fixtureImage) });
    await engine.docker.getImage("remote-claude/kept").tag({ repo: fixtureImage });
    await runtime.ensure(placeId, harness.buildSpec(placeId));
    expect((await harness.run(placeId, "cat /workspace/file")).output).toBe("kept\n");
    await runtime.remove(placeId);
  });
});
