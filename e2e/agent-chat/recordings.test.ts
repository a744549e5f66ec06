import { createPublicKey, generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Recording } from "@remote-claude/protocol";
import { pino } from "pino";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type Agents, createAgents, unixConnector } from "../../api/src/agents/index.ts";
import { placeSecret } from "../../api/src/lib/secrets.ts";
import {
  type ApiClient,
  buildSession,
  signedInClient,
  startApi,
  type TestApi,
} from "../../api/src/testing/index.ts";
import { TestPlace } from "../../session-image/agent/src/testing/test-place.ts";

vi.setConfig({ testTimeout: 120_000 });
const patience = { timeout: 60_000, interval: 50 };
const place = new TestPlace();
const placeSecretKey = randomBytes(32);
const { privateKey } = generateKeyPairSync("ed25519");
let api: TestApi;
let auditor: ApiClient;
let sessionId: string;
/** This one is never replaced: a connection of ours, beside the api's own. */
let people: Agents;
const log = pino({ level: "silent" });
let runDir: string;

const connect = () => {
  const unix = unixConnector({ runDir, signingKey: privateKey, placeSecretKey });
  return createAgents(
    { connect: () => unix.connect(place.placeId), http: () => unix.http(place.placeId) },
    log,
  );
};

beforeAll(async () => {
  runDir = await mkdtemp(join(tmpdir(), "rc-run-"));
  symlinkSync(place.directory, join(runDir, place.placeId));
  const apiPublicKey = createPublicKey(privateKey).export({ type: "spki", format: "der" }).toString("base64");
  writeFileSync(
    join(place.in, "agent.json"),
    JSON.stringify({
      placeId: place.placeId,
      apiPublicKey,
      placeSecret: placeSecret(placeSecretKey, place.placeId),
      permissionModes: ["default"],
    }),
  );
  await place.start();
  let current = connect();
  // Each start of the api has connections of its own.
  const agents = new Proxy({} as Agents, {
    get: (_, name: keyof Agents) => {
      if (name !== "close") return current[name];
      return () => {
        current.close();
        current = connect();
      };
    },
  });
  api = await startApi({ replacements: { agents } });
  auditor = (await signedInClient(api, { role: "auditor" })).client;
  const { user } = await signedInClient(api);
  const session = await buildSession(api, { owner: user, state: "running" });
  sessionId = session.id;
  agents.attach(sessionId, session.placeId);
  people = connect();
  people.attach(sessionId, session.placeId);
  await people.ready(sessionId, 20_000);
});
afterAll(async () => {
  people.close();
  await api.stop();
  await place.remove();
});

it("A terminal's whole output is recorded, once, though the api ends in the middle of it", async () => {
  // Whether the api has said that terminals are recorded by now or not.
  const { terminal } = await people.request(sessionId, "terminal.create", { cols: 80, rows: 24 });
  const { terminalId } = terminal;
  const data = "PS1=; stty -echo -onlcr; seq 1 300000; echo DO''NE; exit\n";
  await people.request(sessionId, "terminal.input", { terminalId, writer: randomUUID(), sequence: 1, data });
  const one = async (): Promise<Recording> => {
    const { body } = await auditor.get(`/api/recordings?terminalId=${terminalId}`);
    return body.recordings[0] ?? expect.fail("there is none yet");
  };
  await vi.waitFor(async () => expect((await one()).sizeBytes).toBeGreaterThan(0), patience);
  await api.restart();
  auditor = auditor.at(api.client.origin);
  api.app.context.agents.attach(sessionId, place.placeId);
  await vi.waitFor(async () => expect((await one()).endReason).toBe("closed"), patience);
  const recording = await one();
  expect(recording.gapBytes).toBe(0);
  const { text } = await auditor.get(`/api/recordings/${recording.id}/cast`);
  const lines = text
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => JSON.parse(line) as [number, string, string]);
  const shown = lines.flatMap(([, kind, output]) => (kind === "o" ? [output] : [])).join("");
  const numbers = Array.from({ length: 300_000 }, (_, index) => `${index + 1}\n`).join("");
  expect(shown.slice(shown.indexOf("1\n2\n3\n"), shown.indexOf("DONE")) === numbers).toBe(true);
  const times = lines.map(([at]) => at);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});
