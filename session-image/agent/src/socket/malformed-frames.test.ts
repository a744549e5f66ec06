import { commands } from "@remote-claude/protocol";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../testing/eventually.ts";
import { TestApi } from "../testing/test-api.ts";
import { TestPlace } from "../testing/test-place.ts";

const place = new TestPlace();
beforeAll(() => place.start());
afterAll(() => place.remove());

const agentCommands = [...commands.values()].filter(({ to }) => to === "agent").map(({ type }) => type);

const nasty = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom("../../etc/passwd", "/etc/passwd", "a\0b", "x".repeat(5000), -1, 1e308, "__proto__", null),
);
const payload = fc.dictionary(
  fc.constantFrom(
    "terminalId",
    "path",
    "from",
    "to",
    "data",
    "offset",
    "after",
    "url",
    "query",
    "direction",
    "x",
  ),
  nasty,
);
/** Frames of known commands with wrong payloads, of unknown ones, and of nothing at all. */
const frame = fc.oneof(
  fc.record({
    id: fc.oneof(fc.nat(), nasty),
    type: fc.oneof(fc.constantFrom(...agentCommands, "toString", "__proto__", "chat.list"), fc.string()),
    payload: fc.oneof(payload, nasty),
    client: fc.oneof(fc.string(), nasty),
    actor: fc.oneof(fc.constant(null), nasty),
  }),
  fc.jsonValue(),
);
const message = fc.oneof(
  { weight: 4, arbitrary: frame.map((value) => JSON.stringify(value) ?? "undefined") },
  { weight: 1, arbitrary: fc.string() },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
);

it("survives 2,000 malformed frames and serves on, without a bug in its log", async () => {
  let api = await TestApi.connect(place);
  const { bootId } = api.info;
  for (const sent of fc.sample(message, { numRuns: 2_000, seed: 20_261_120 })) {
    api.socket.send(sent);
    // Answered: it was read and survived. Not answered: it closed the connection.
    const answered = await api.ask("terminal.list", {}).then(
      () => true,
      () => false,
    );
    if (!answered) api = await eventually(() => TestApi.connect(place));
  }
  const last = await eventually(() => TestApi.connect(place));
  expect(last.info.bootId).toBe(bootId);
  expect(await last.ask("file.list", { path: "" })).toMatchObject({ truncated: false });
  expect(place.log).not.toContain("uncaught");
  expect(place.log).not.toContain("command failed");
  last.close();
  api.close();
});

it("answers a frame with an id, and closes to one without", async () => {
  const api = await TestApi.connect(place);
  expect(await api.askRaw({ type: "no.such", payload: {}, client: "c", actor: null })).toMatchObject({
    ok: false,
    error: { code: "bad_request" },
  });
  expect(await api.askRaw({ type: "file.list" })).toMatchObject({
    ok: false,
    error: { code: "bad_request" },
  });
  const closed = new Promise((resolve) => api.socket.once("close", resolve));
  api.socket.send("{}");
  expect(await closed).toBe(1008);
});

it("closes to a frame larger than frames may be", async () => {
  const api = await TestApi.connect(place);
  const closed = new Promise((resolve) => api.socket.once("close", resolve));
  api.socket.send("x".repeat(5 * 1024 * 1024));
  expect(await closed).toBe(1009);
});
