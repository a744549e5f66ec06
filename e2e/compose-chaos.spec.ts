import { createHash } from "node:crypto";
import type { Task, TurnResult } from "@remote-claude/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ScriptedModel } from "./scripted-model/index.ts";
import { Client, type Live } from "./testing/client.ts";
import { findSecrets } from "./testing/find-secrets.ts";
import { bringTools } from "./testing/inside.ts";
import { describeUnless } from "./testing/machine.ts";
import { seed, times } from "./testing/soak.ts";
import { docker, engineUnavailable, hostAddress, Stack } from "./testing/stack.ts";
import { killsOf, surviveKills } from "./testing/survive-kills.ts";

const unavailable = await engineUnavailable();
const parts = ["api", "db", "session-manager", "redis", "egress"];

let model: ScriptedModel;
let stack: Stack;
let client: Client;
let live: Live;

beforeAll(async () => {
  if (unavailable !== null) return;
  model = new ScriptedModel();
  await model.listen(0, await hostAddress());
  stack = await Stack.up({ environment: { ANTHROPIC_BASE_URL: model.url } });
  client = await Client.signIn(stack);
  live = client.live();
}, 900_000);

afterAll(async () => {
  live?.close();
  await stack?.down();
  await model?.close();
}, 120_000);

const kill = (part: string) => stack.kill(part);
const untilHealthy = () => stack.untilHealthy();

describeUnless(unavailable, "kill -9 under load in docker compose", () => {
  it.each(Array.from({ length: times(5, 100) }, (_, round) => [round, killsOf(parts, round)] as const))(
    `loses and doubles nothing in round %i of seed ${seed}: %j`,
    (_, kills) => surviveKills({ client, live, model, kill, untilHealthy }, kills),
  );

  it("lets Claude and the network of a session go on after egress was killed", async () => {
    const { id } = await client.createSession({ name: "Cut off" });
    await kill("egress");
    await untilHealthy();
    const conversation = { message: "Say something" };
    const { text } = await client.call<TurnResult>("POST", `/api/sessions/${id}/claude/chat`, conversation);
    expect(text).not.toBe("");
    await client.call("DELETE", `/api/sessions/${id}`);
  });
});

describeUnless(unavailable, "after all that, in docker compose", () => {
  it("a task's transcript is an object of the S3 server, and comes from there as it is", async () => {
    const { id } = await client.createSession({ name: "Task" });
    const path = `/api/sessions/${id}/claude/task`;
    const { task } = await client.call<{ task: Task }>("POST", path, { prompt: "Say something" });
    const read = async () => (await client.call<{ task: Task }>("GET", `${path}s/${task.id}`)).task;
    await expect.poll(async () => (await read()).state, { timeout: 120_000 }).toBe("succeeded");
    const transcript = (await read()).artifacts.find(({ kind }) => kind === "transcript");
    const stored = () => stack.countObjects(`sessions/${id}/tasks/${task.id}/`);
    expect(await stored()).toBeGreaterThan(0);
    const download = await client.fetch(`/api/sessions/${id}/artifacts/${transcript?.id}`);
    const bytes = Buffer.from(await download.arrayBuffer());
    expect(bytes).toHaveLength(transcript?.sizeBytes ?? -1);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(transcript?.sha256);
    expect(bytes.toString()).toContain("Say something");
    await client.call("DELETE", `/api/sessions/${id}`);
    await expect.poll(stored).toBe(0);
  });

  it("no secret is in a session's container, its processes' memory, what the engine shows, or any log", async () => {
    const { id } = await client.createSession({ name: "Searched" });
    await bringTools(client, id);
    await client.call("POST", `/api/sessions/${id}/claude/chat`, { message: "Say something" });
    const secrets = await stack.secrets();
    expect(Object.keys(secrets).length).toBeGreaterThan(9);
    const { leaks, canaryAt, seen, commands } = await findSecrets(client, id, secrets);
    expect(leaks).toEqual([]);
    for (const kind of ["file", "environment of", "arguments of", "memory of node -e"])
      expect(
        canaryAt.some((where) => where.startsWith(kind)),
        kind,
      ).toBe(true);
    expect(seen.memoryBytes).toBeGreaterThan(50 * 1024 * 1024);
    expect(commands.some((command) => command.includes("claude"))).toBe(true);
    const containers = (await docker("ps", "--quiet", "--filter", "label=remote-claude.role=session")).trim();
    const places: Record<string, string> = {
      logs: await stack.logs(),
      inspect: await docker("inspect", ...containers.split("\n")),
    };
    for (const image of ["api", "web", "egress", "session-manager", "session"])
      places[`layers of ${image}`] = await docker("history", "--no-trunc", `remote-claude/${image}`);
    expect(places.logs).toContain('"service":"api"');
    for (const [where, text] of Object.entries(places))
      for (const [name, secret] of Object.entries(secrets))
        expect(text.includes(secret), `${name}: ${where}`).toBe(false);
    await client.call("DELETE", `/api/sessions/${id}`);
  });
});
