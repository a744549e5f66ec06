import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { buildSpec, LocalHarness, newPlaceId } from "../../testing/local-harness.ts";
import { readRecord, writeRecord } from "./place-record.ts";
import { ProcfsTable } from "./procfs-table.ts";

/** The pids of processes whose command line says this. */
function pidsOf(text: string): number[] {
  return new ProcfsTable()
    .all()
    .map(({ pid }) => pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(text);
      } catch {
        return false;
      }
    });
}

const unique = () => String(100_000 + Math.floor(Math.random() * 900_000));

describe.skipIf(process.platform !== "linux")("the local runtime", () => {
  let harness: LocalHarness;
  const placeId = newPlaceId();
  const placeDirectory = () => join(harness.placesDir, placeId);
  beforeEach(() => {
    harness = new LocalHarness("none");
  });
  afterEach(() => harness.close());

  it("says that sessions are not isolated, and that memory is only watched", async () => {
    const runtime = await harness.open();
    expect(runtime.capabilities()).toMatchObject({
      isolation: "none",
      limits: { memory: "watched", disk: "none" },
    });
    expect(runtime.capabilities().isolationMessage).toContain("not isolated");
  });

  it("gives an agent without a sandbox an environment and a home of its own", async () => {
    const runtime = await harness.open();
    await runtime.ensure(placeId, buildSpec(placeId));
    const { output } = await harness.run(placeId, "echo $HOME; echo $AGENT_EGRESS_PORT; pwd; env");
    const home = join(placeDirectory(), "home");
    expect(output.split("\n").slice(0, 3)).toEqual([home, "0", join(placeDirectory(), "workspace")]);
    expect(output).not.toContain("VITEST");
  });

  it("ends what left the agent's process session, and what ignores signals", async () => {
    const runtime = await harness.open();
    harness.behave(placeId, "stubborn");
    await runtime.close({ stopPlaces: false });
    const impatient = await harness.open({ stopGraceMs: 50 });
    await impatient.ensure(placeId, buildSpec(placeId));
    const marker = unique();
    await harness.run(placeId, `(setsid sh -c 'trap "" TERM HUP; sleep ${marker} & wait' >/dev/null 2>&1 &)`);
    await vi.waitFor(() => expect(pidsOf(marker).length).toBeGreaterThan(0));
    await impatient.stop(placeId);
    expect(pidsOf(marker)).toEqual([]);
  });

  it("ends what an agent left that ended by itself", async () => {
    const runtime = await harness.open();
    await runtime.ensure(placeId, buildSpec(placeId));
    const marker = unique();
    await harness.run(placeId, `(setsid sleep ${marker} >/dev/null 2>&1 &)`);
    expect(pidsOf(marker).length).toBeGreaterThan(0);
    await harness.run(placeId, "exit 3").catch(() => undefined);
    await vi.waitFor(() => expect(pidsOf(marker)).toEqual([]), { timeout: 10_000 });
  });

  it("ends leftovers at its start when it is told to, and tells that they were", async () => {
    const before = await harness.open();
    await before.ensure(placeId, buildSpec(placeId));
    const { process: first } = readRecord(placeDirectory()) ?? {};
    const restarted = await harness.open({ endLeftovers: true });
    expect(await restarted.find(placeId)).toMatchObject({ state: "stopped", exit: { reason: "asked" } });
    expect(new ProcfsTable().find(first?.pid ?? 0)).toBeNull();
  });

  it("ends an agent whose start was cut short before its pid was recorded", async () => {
    const before = await harness.open();
    await before.ensure(placeId, buildSpec(placeId));
    const record = readRecord(placeDirectory());
    if (record === null) throw new Error("no record");
    writeRecord(placeDirectory(), { ...record, state: "starting", process: null });
    const restarted = await harness.open();
    expect((await restarted.find(placeId))?.state).toBe("lost");
    expect(new ProcfsTable().find(record.process?.pid ?? 0)).toBeNull();
  });

  it("takes no stranger for its agent that has got the same pid", async () => {
    const before = await harness.open();
    await before.ensure(placeId, buildSpec(placeId));
    await before.stop(placeId);
    const stranger = spawn("sleep", ["1000"]);
    const record = readRecord(placeDirectory());
    if (record?.process == null || stranger.pid === undefined) throw new Error("no record");
    writeRecord(placeDirectory(), {
      ...record,
      state: "running",
      process: { ...record.process, pid: stranger.pid },
    });
    const restarted = await harness.open({ endLeftovers: true });
    expect((await restarted.find(placeId))?.state).toBe("lost");
    await restarted.remove(placeId);
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    expect(new ProcfsTable().find(stranger.pid)).not.toBeNull();
    stranger.kill("SIGKILL");
  });

  it("goes on with a place whose record was destroyed", async () => {
    const before = await harness.open();
    await before.ensure(placeId, buildSpec(placeId));
    await harness.run(placeId, "echo kept > file");
    writeFileSync(join(placeDirectory(), "place.json"), "{ not json");
    const restarted = await harness.open();
    expect((await restarted.find(placeId))?.state).toBe("lost");
    expect((await restarted.ensure(placeId, buildSpec(placeId))).state).toBe("running");
    expect((await harness.run(placeId, "cat file")).output).toBe("kept\n");
  });

  it("keeps workspace and home over stop and start, and empties the temporary directory", async () => {
    const runtime = await harness.open();
    const spec = buildSpec(placeId);
    await runtime.ensure(placeId, spec);
    await harness.run(placeId, "echo a > file; echo b > ~/file; echo c > $TMPDIR/file");
    await runtime.stop(placeId);
    await runtime.ensure(placeId, spec);
    expect((await harness.run(placeId, "cat file ~/file; ls $TMPDIR")).output).toBe("a\nb\n");
  });

  it("deletes whatever a session left, and nothing that its links lead to", async () => {
    const outside = join(harness.directory, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "precious"), "");
    const runtime = await harness.open();
    await runtime.ensure(placeId, buildSpec(placeId));
    symlinkSync(outside, join(placeDirectory(), "workspace", "link"));
    const lines = [
      "mkdir -p locked/inner && touch locked/inner/file && chmod 000 locked/inner && chmod 555 locked",
      `mkdir -p ~/ro && ln -s ${outside} ~/ro/link && chmod 500 ~/ro`,
      "touch $'odd\\nname' -- '-rf' \"$(printf 'not\\xffutf8')\"",
      // Deeper than a path may be long.
      "for i in $(seq 60); do mkdir $(printf 'd%.0s' $(seq 200)) && cd d* || exit 1; done",
      "mkdir many && cd many && seq 5000 | xargs touch",
      "mkdir $AGENT_OUT/more && touch $AGENT_OUT/more/file",
    ];
    for (const line of lines) expect(await harness.run(placeId, line)).toMatchObject({ code: 0 });
    await runtime.remove(placeId);
    expect(readdirSync(harness.placesDir)).toEqual([]);
    expect(readdirSync(harness.runDir)).toEqual([]);
    expect(existsSync(join(outside, "precious"))).toBe(true);
  });

  it("refuses a link in place of the agent's socket", async () => {
    const runtime = await harness.open();
    const neighbourId = newPlaceId();
    await runtime.ensure(neighbourId, buildSpec(neighbourId));
    await runtime.ensure(placeId, buildSpec(placeId));
    const neighbour = join(harness.runDir, neighbourId, "out", "agent.sock");
    await harness.run(placeId, `rm $AGENT_OUT/agent.sock; ln -s ${neighbour} $AGENT_OUT/agent.sock`);
    await expect(runtime.connect(placeId)).rejects.toMatchObject({ code: "agent_unreachable" });
  });

  it("kills the largest process of a place that uses more memory than it may", async () => {
    const runtime = await harness.open();
    await runtime.ensure(placeId, buildSpec(placeId, { memoryMb: 400 }));
    const eat = "const all = []; setInterval(() => all.push(Buffer.alloc(20e6, 1)), 20)";
    expect(await harness.run(placeId, `node -e '${eat}'; echo $?`)).toMatchObject({
      output: expect.stringMatching(/137/),
    });
    expect((await runtime.find(placeId))?.state).toBe("running");
  });

  it("counts what a place uses", async () => {
    const runtime = await harness.open();
    await runtime.ensure(placeId, buildSpec(placeId));
    const before = (await runtime.find(placeId))?.stats;
    await harness.run(placeId, "node -e 'while (process.cpuUsage().user < 300000);'");
    const after = (await runtime.find(placeId))?.stats;
    expect((after?.cpuSeconds ?? 0) - (before?.cpuSeconds ?? 0)).toBeGreaterThan(0.1);
    expect(after?.memoryBytes).toBeGreaterThan(10e6);
    expect(after?.processes).toBe(2);
  });
});
