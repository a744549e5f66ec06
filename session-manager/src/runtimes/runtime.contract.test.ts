import { once } from "node:events";
import { AppError, type Place, Place as PlaceSchema } from "@remote-claude/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DockerHarness, dockerUnavailable } from "../testing/docker-harness.ts";
import {
  bubblewrapUnavailable,
  buildSpec,
  LocalHarness,
  newPlaceId,
  newSecret,
} from "../testing/local-harness.ts";
import { FakeRuntime, FakeWorld } from "./fake/fake-runtime.ts";
import type { PlaceSpec, Runtime } from "./runtime.ts";

/** What the suite needs of an implementation, beyond the interface. */
interface Subject {
  /** A runtime on the same memory as those before: the second is a restarted session-manager. */
  open(options?: { readyTimeoutMs?: number }): Promise<Runtime>;
  buildSpec(placeId: string): PlaceSpec;
  behave(placeId: string, behaviour: "failing" | "never-ready" | "slow"): void;
  /** Makes the agent end by itself, with code 3. */
  endAgent(placeId: string): Promise<void>;
  close(): Promise<void>;
}

const localSubject = (isolation: "bubblewrap" | "none") => harnessSubject(new LocalHarness(isolation));

function harnessSubject(harness: LocalHarness | DockerHarness): Subject {
  return {
    open: (options) => harness.open(options),
    buildSpec: (placeId) => harness.buildSpec(placeId),
    behave: (placeId, behaviour) => harness.behave(placeId, behaviour),
    endAgent: (placeId) =>
      harness.run(placeId, "exit 3").then(
        () => undefined,
        () => undefined,
      ),
    close: () => harness.close(),
  };
}

function fakeSubject(): Subject {
  const world = new FakeWorld();
  return {
    open: async (options) => {
      const runtime = new FakeRuntime({ world, readyTimeoutMs: options?.readyTimeoutMs ?? 50 });
      await runtime.open();
      return runtime;
    },
    buildSpec: (placeId) => buildSpec(placeId),
    behave: (placeId, behaviour) => world.behaviours.set(placeId, behaviour),
    endAgent: async (placeId) => world.end(placeId, 3),
    close: async () => undefined,
  };
}

const withoutBubblewrap = await bubblewrapUnavailable();
const withoutDocker = await dockerUnavailable();
const subjects: { name: string; make: () => Subject; unavailable: string | null }[] = [
  { name: "fake", make: fakeSubject, unavailable: null },
  { name: "local without a sandbox", make: () => localSubject("none"), unavailable: null },
  { name: "local in bubblewrap", make: () => localSubject("bubblewrap"), unavailable: withoutBubblewrap },
  { name: "docker", make: () => harnessSubject(new DockerHarness()), unavailable: withoutDocker },
];

async function refusal(work: Promise<unknown>): Promise<AppError> {
  const thrown = await work.then(
    () => new Error("it was not refused"),
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(AppError);
  return thrown as AppError;
}

describe.each(subjects)("the runtime $name", ({ make, unavailable }) => {
  const skipped = unavailable !== null;
  const title = (sentence: string) => (skipped ? `${sentence} [skipped: ${unavailable}]` : sentence);
  let subject: Subject;
  let runtime: Runtime;
  let heard: Place[];
  const placeId = newPlaceId();

  beforeEach(async () => {
    if (skipped) return;
    subject = make();
    runtime = await subject.open();
    heard = [];
    runtime.subscribe((place) => heard.push(place));
  });
  afterEach(() => subject?.close());

  it.skipIf(skipped)(title("starts a place, shows it and tells of it"), async () => {
    const place = await runtime.ensure(placeId, subject.buildSpec(placeId));
    expect(place).toMatchObject({ placeId, template: "default", state: "running", exit: null });
    expect(place.startedAt).not.toBeNull();
    expect(heard.map(({ state }) => state).filter((state, index, all) => state !== all[index - 1])).toEqual([
      "starting",
      "running",
    ]);
    const [listed] = await runtime.list();
    expect(PlaceSchema.parse(listed)).toMatchObject({ placeId, state: "running" });
    expect(listed?.stats?.processes).toBeGreaterThan(0);
    expect(listed?.stats?.memoryBytes).toBeGreaterThan(0);
    expect(place.isolation).toBe(runtime.capabilities().isolation);
  });

  it.skipIf(skipped)(title("connects to a running place's agent, and to no other"), async () => {
    expect((await refusal(runtime.connect(placeId))).code).toBe("agent_unreachable");
    await runtime.ensure(placeId, subject.buildSpec(placeId));
    const connection = await runtime.connect(placeId);
    connection.resume();
    connection.destroy();
    await once(connection, "close");
    await runtime.stop(placeId);
    expect((await refusal(runtime.connect(placeId))).code).toBe("agent_unreachable");
  });

  it.skipIf(skipped)(title("leaves a running place alone when it is asked for again"), async () => {
    const spec = subject.buildSpec(placeId);
    const first = await runtime.ensure(placeId, spec);
    expect(await runtime.ensure(placeId, spec)).toEqual(first);
  });

  it.skipIf(skipped)(title("starts a place afresh whose agent holds another secret"), async () => {
    const spec = subject.buildSpec(placeId);
    await runtime.ensure(placeId, spec);
    const again = await runtime.ensure(placeId, {
      ...spec,
      agent: { ...spec.agent, placeSecret: newSecret() },
    });
    expect(again.state).toBe("running");
    expect(heard.filter(({ state, startedAt }) => state === "starting" && startedAt !== null)).toHaveLength(
      2,
    );
  });

  it.skipIf(skipped)(title("hands a warm place over as it runs, for good"), async () => {
    const spec = subject.buildSpec(placeId);
    const warm = await runtime.ensure(placeId, { ...spec, warm: true });
    expect(warm).toMatchObject({ state: "running", warm: true });
    expect(await runtime.ensure(placeId, { ...spec, warm: true })).toEqual(warm);
    expect((await runtime.find(placeId))?.outdated ?? false).toBe(false);
    const restarted = await subject.open();
    expect(await restarted.find(placeId)).toMatchObject({ state: "running", warm: true });
    const claimed = await restarted.ensure(placeId, spec);
    expect(claimed).toEqual({ ...warm, warm: false });
    // It is nobody else's to claim again, and no later request makes it nobody's.
    expect(await restarted.ensure(placeId, { ...spec, warm: true })).toEqual(claimed);
    const again = await subject.open();
    expect(await again.find(placeId)).toMatchObject({ startedAt: warm.startedAt, warm: false });
    expect(await again.stop(placeId)).toMatchObject({ state: "stopped", warm: false });
    expect(await again.ensure(placeId, spec)).toMatchObject({ state: "running", warm: false });
    await again.remove(placeId);
    expect(await again.find(placeId)).toBeNull();
  });

  it.skipIf(skipped)(title("removes a warm place that nobody claimed"), async () => {
    const spec = { ...subject.buildSpec(placeId), warm: true };
    await runtime.ensure(placeId, spec);
    await subject.endAgent(placeId);
    await vi.waitFor(async () => expect((await runtime.find(placeId))?.state).toBe("lost"), {
      timeout: 10_000,
    });
    expect(await runtime.ensure(placeId, spec)).toMatchObject({ state: "running", warm: true });
    await runtime.remove(placeId);
    expect(await runtime.list()).toEqual([]);
    expect((await refusal(runtime.connect(placeId))).code).toBe("agent_unreachable");
    const claimedId = newPlaceId();
    await runtime.ensure(claimedId, subject.buildSpec(claimedId));
    await runtime.ensure(placeId, spec);
    await runtime.close({ stopPlaces: true });
    expect(await runtime.list()).toMatchObject([{ placeId: claimedId, state: "stopped" }]);
  });

  it.skipIf(skipped)(title("stops a place, keeps saying so, and starts it again"), async () => {
    const spec = subject.buildSpec(placeId);
    await runtime.ensure(placeId, spec);
    const stopped = { state: "stopped", exit: { reason: "asked" } };
    expect(await runtime.stop(placeId)).toMatchObject(stopped);
    expect(await runtime.stop(placeId)).toMatchObject(stopped);
    expect(await runtime.find(placeId)).toMatchObject({ ...stopped, stats: null });
    expect(await runtime.ensure(placeId, spec)).toMatchObject({ state: "running", exit: null });
  });

  it.skipIf(skipped)(title("pauses and resumes"), async () => {
    const spec = subject.buildSpec(placeId);
    await runtime.ensure(placeId, spec);
    expect((await runtime.pause(placeId)).state).toBe("paused");
    expect((await runtime.pause(placeId)).state).toBe("paused");
    expect((await runtime.find(placeId))?.state).toBe("paused");
    expect((await runtime.resume(placeId)).state).toBe("running");
    await runtime.pause(placeId);
    expect((await runtime.ensure(placeId, spec)).state).toBe("running");
    await runtime.pause(placeId);
    expect((await runtime.stop(placeId)).state).toBe("stopped");
    expect((await refusal(runtime.pause(placeId))).code).toBe("conflict");
    expect((await refusal(runtime.resume(placeId))).code).toBe("conflict");
  });

  it.skipIf(skipped)(title("removes a place, twice if need be"), async () => {
    await runtime.ensure(placeId, subject.buildSpec(placeId));
    await runtime.remove(placeId);
    await runtime.remove(placeId);
    expect(await runtime.find(placeId)).toBeNull();
    expect(await runtime.list()).toEqual([]);
    expect((await refusal(runtime.stop(placeId))).code).toBe("not_found");
    expect((await refusal(runtime.pause(placeId))).code).toBe("not_found");
  });

  it.skipIf(skipped)(title("tells of an agent that ended by itself"), async () => {
    await runtime.ensure(placeId, subject.buildSpec(placeId));
    await subject.endAgent(placeId);
    const lost = { state: "lost", exit: { reason: "exited", code: 3 } };
    await vi.waitFor(() => expect(heard.at(-1)).toMatchObject(lost), { timeout: 10_000 });
    expect(await runtime.stop(placeId)).toMatchObject(lost);
    expect((await runtime.ensure(placeId, subject.buildSpec(placeId))).state).toBe("running");
  });

  it.skipIf(skipped)(title("waits for a slow agent"), async () => {
    subject.behave(placeId, "slow");
    expect((await runtime.ensure(placeId, subject.buildSpec(placeId))).state).toBe("running");
  });

  it.skipIf(skipped)(title("says what an agent said that ended at once"), async () => {
    subject.behave(placeId, "failing");
    const error = await refusal(runtime.ensure(placeId, subject.buildSpec(placeId)));
    expect(error).toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("I cannot work like this"),
    });
    expect(await runtime.find(placeId)).toMatchObject({ state: "lost", exit: { reason: "exited", code: 7 } });
  });

  it.skipIf(skipped)(title("gives up on an agent that never answers"), async () => {
    const impatient = await subject.open({ readyTimeoutMs: 300 });
    subject.behave(placeId, "never-ready");
    expect((await refusal(impatient.ensure(placeId, subject.buildSpec(placeId)))).code).toBe("timeout");
    expect(await impatient.find(placeId)).toMatchObject({ state: "lost", stats: null });
  });

  it.skipIf(skipped)(title("finds its places again after a restart, and hears of their end"), async () => {
    const stoppedId = newPlaceId();
    const pausedId = newPlaceId();
    const spec = subject.buildSpec(placeId);
    const before = await runtime.ensure(placeId, spec);
    for (const id of [stoppedId, pausedId]) await runtime.ensure(id, subject.buildSpec(id));
    await runtime.stop(stoppedId);
    await runtime.pause(pausedId);
    const restarted = await subject.open();
    const events: Place[] = [];
    restarted.subscribe((place) => events.push(place));
    expect((await restarted.find(stoppedId))?.state).toBe("stopped");
    expect((await restarted.find(pausedId))?.state).toBe("paused");
    expect(await restarted.ensure(placeId, spec)).toMatchObject({
      state: "running",
      startedAt: before.startedAt,
    });
    await subject.endAgent(placeId);
    await vi.waitFor(
      () =>
        expect(events.at(-1)).toMatchObject({ placeId, state: "lost", exit: { reason: "exited", code: 3 } }),
      { timeout: 10_000 },
    );
    await restarted.close({ stopPlaces: true });
    expect((await restarted.find(pausedId))?.state).toBe("stopped");
  });
});
