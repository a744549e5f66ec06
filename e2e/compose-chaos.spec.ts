import type { TurnResult } from "@remote-claude/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ScriptedModel } from "./scripted-model/index.ts";
import { Client, type Live } from "./testing/client.ts";
import { describeUnless } from "./testing/machine.ts";
import { seed, times } from "./testing/soak.ts";
import { engineUnavailable, hostAddress, Stack } from "./testing/stack.ts";
import { killsOf, surviveKills } from "./testing/survive-kills.ts";

const unavailable = await engineUnavailable();
// egress is not among them: a model stream that is cut is asked for anew, and then says other words.
const parts = ["api", "db", "session-manager", "redis"];

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
  it.each(Array.from({ length: times(4, 100) }, (_, round) => [round, killsOf(parts, round)] as const))(
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
