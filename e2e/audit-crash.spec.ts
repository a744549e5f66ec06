import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ScriptedModel } from "./scripted-model/index.ts";
import { Client, type Live } from "./testing/client.ts";
import { ConversationReader } from "./testing/conversation-reader.ts";
import { CrashLoad, type Deed } from "./testing/crash-load.ts";
import { Product } from "./testing/product.ts";
import { Random } from "./testing/random.ts";
import { seed, times } from "./testing/soak.ts";

const rounds = times(20, 200);
const parts = ["api", "agent", "database"];

let model: ScriptedModel;
let product: Product;
let client: Client;
let live: Live;
let sessionId: string;
let load: CrashLoad;

beforeAll(async () => {
  model = new ScriptedModel();
  await model.listen();
  product = await Product.start({ modelUrl: model.url, environment: { WARM_PLACES: "0" } });
  client = await Client.signIn(product);
  sessionId = (await client.createSession({ name: "Crashing" })).id;
  // Each shell says where it was opened.
  await client.execute(sessionId, `echo 'pwd >> "$HOME/opened.log"' >> ~/.bashrc`);
  live = client.live();
  load = new CrashLoad(client, live, sessionId);
});
afterAll(async () => {
  live?.close();
  await product?.stop();
  await model?.close();
});

/** The same as a person: it may have to be asked more than once while something is away. */
async function untilRunning(): Promise<void> {
  await expect
    .poll(
      async () => {
        try {
          const { session } = await client.call<{ session: { state: string } }>(
            "GET",
            `/api/sessions/${sessionId}`,
          );
          if (session.state === "stopped" || session.state === "failed")
            await client.call("POST", `/api/sessions/${sessionId}/resume`);
          return session.state === "running"
            ? (await client.execute(sessionId, "echo up")).stdout
            : session.state;
        } catch (error) {
          return String(error);
        }
      },
      { timeout: 60_000, interval: 100 },
    )
    .toBe("up\n");
  await expect.poll(() => live.socket.connected, { timeout: 30_000 }).toBe(true);
}

it(`kill -9 of api, agent and database at random, ${rounds} times (seed ${seed}): acts and their rows agree`, {
  timeout: 60_000 + rounds * 30_000,
}, async () => {
  const random = new Random(seed);
  const agentKilled = new Set<number>();
  for (let round = 0; round < rounds; round += 1) {
    const part = parts[round] ?? random.pick(parts);
    let stopped = false;
    const working = load.run(round, () => stopped);
    await load.begun(random.below(40));
    if (part === "agent") agentKilled.add(round);
    await (part === "agent" ? product.killAgent(sessionId) : product.kill(part));
    stopped = true;
    await working;
    await product.untilHealthy();
    await untilRunning();
    if (part === "agent") load.beginConversation();
  }
  const database = await product.database();
  // What was under way when its api was killed is asked after, and then there is nothing left to settle.
  await expect.poll(() => database.auditIntent.count(), { timeout: 120_000, interval: 250 }).toBe(0);
  const wrong = await disagreements(agentKilled);
  expect(wrong, `seed ${seed}`).toEqual([]);
  const answered = load.deeds.filter(({ heard }) => heard === "answered");
  expect(new Set(answered.map(({ action }) => action)).size).toBe(8);
});

interface Row {
  readonly result: string;
  readonly unknown: boolean;
}

/** Each act whose rows do not say what can be seen of it from outside, in words. */
async function disagreements(agentKilled: ReadonlySet<number>): Promise<string[]> {
  const rows = await rowsByDeed();
  const seen = await effects();
  const known = new Set(load.deeds.map(({ action, key }) => `${action} ${key}`));
  const wrong = [...rows.keys()].filter((key) => !known.has(key)).map((key) => `nobody did: ${key}`);
  for (const deed of load.deeds) {
    const own = rows.get(`${deed.action} ${deed.key}`) ?? [];
    const verdict = judge(deed, own, seen(deed), agentKilled.has(deed.round));
    if (verdict !== null) wrong.push(`${verdict}: ${JSON.stringify({ deed, own, seen: seen(deed) })}`);
  }
  return wrong;
}

/** `happened`: true, false, or null when it leaves no trace that can be seen. */
function judge(
  { heard }: Deed,
  rows: readonly Row[],
  happened: boolean | null,
  agentKilled: boolean,
): string | null {
  const successes = rows.filter(({ result }) => result === "success").length;
  const standing = successes - (rows.length - successes);
  if (standing > 1) return "doubled";
  if (rows.some(({ unknown }) => unknown)) return agentKilled ? null : "the record need not doubt it";
  if (heard === "answered" && happened === false) return "answered, but not done";
  if (heard === "answered" && standing !== 1) return "answered, but not on record";
  if (heard === "refused" && standing > 0) return "refused, but on record as done";
  if (happened === true && standing !== 1) return "done, but not on record";
  if (happened === false && standing > 0) return "on record, but not done";
  return null;
}

async function rowsByDeed(): Promise<Map<string, Row[]>> {
  const database = await product.database();
  const keyOf = { "sign-in.succeeded": "user_agent" };
  const rows = await database.$queryRaw<
    { action: string; result: string; key: string | null; unknown: boolean }[]
  >`
    select action, result::text, details->>'outcome' is not distinct from 'unknown' as unknown,
      case action
        when 'sign-in.succeeded' then user_agent
        when 'command.executed' then details->>'command'
        when 'claude.prompted' then details->>'messageId'
        when 'terminal.opened' then details->>'cwd'
        when 'terminal.closed' then details->>'terminalId'
        else target end as key
    from audit_logs
    where (session_id = ${sessionId}::uuid and (action in ('terminal.opened', 'terminal.closed', 'claude.prompted')
        or (action = 'command.executed' and details->>'command' like '%executed.log')
        or (action like 'file.%' and target like 'files/%')))
      or (action = ${Object.keys(keyOf)[0]} and user_agent like 'crash-test/%')
    order by txid`;
  const byDeed = new Map<string, Row[]>();
  for (const { action, key, result, unknown } of rows) {
    const name = `${action} ${key}`;
    byDeed.set(name, [...(byDeed.get(name) ?? []), { result, unknown }]);
  }
  return byDeed;
}

/** What can be seen of each act on disk, in the conversations and among the sign-ins. */
async function effects(): Promise<(deed: Deed) => boolean | null> {
  const database = await product.database();
  const { id: placeId } = await database.place.findUniqueOrThrow({ where: { sessionId } });
  const place = join(product.dataDir, "places", placeId);
  const workspace = join(place, "workspace");
  const executed = new Set((await readFile(join(workspace, "executed.log"), "utf8")).split("\n"));
  const opened = await readFile(join(place, "home/opened.log"), "utf8").catch(() => "");
  const files = new Set(await readdir(join(workspace, "files")));
  const prompts = await acceptedPrompts();
  const signIns = await database.signIn.findMany({ where: { userAgent: { startsWith: "crash-test/" } } });
  const agents = new Set(signIns.map(({ userAgent }) => userAgent));
  return ({ action, key }) => {
    switch (action) {
      case "file.written":
      case "file.uploaded":
        return load.deleted.has(key) ? null : files.has(key.slice("files/".length));
      case "file.deleted":
        return !existsSync(join(workspace, key));
      case "command.executed":
        return executed.has(key.split(" ")[1] ?? "");
      case "terminal.opened":
        // A shell may be killed before it has said anything.
        return opened.split("\n").some((line) => line.endsWith(`/${key}`)) ? true : null;
      case "claude.prompted":
        return prompts.has(key);
      case "sign-in.succeeded":
        return agents.has(key);
      default:
        return null;
    }
  };
}

async function acceptedPrompts(): Promise<Set<string>> {
  const accepted = new Set<string>();
  for (const conversationId of load.conversations) {
    const conversation = new ConversationReader(live, sessionId, conversationId);
    await conversation.subscribe();
    for (const { event } of conversation.entries)
      if (event.kind === "user-message") accepted.add(event.messageId);
  }
  return accepted;
}
