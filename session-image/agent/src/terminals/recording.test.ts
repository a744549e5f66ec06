import { randomUUID } from "node:crypto";
import type { RecordingEvent, RecordingMode } from "@remote-claude/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../testing/eventually.ts";
import { TerminalReader } from "../testing/terminal-reader.ts";
import { TestApi } from "../testing/test-api.ts";
import { TestPlace } from "../testing/test-place.ts";
import { asksForSecret } from "./input-gate.ts";
import { Timeline } from "./timeline.ts";

const place = new TestPlace();
let api: TestApi;
beforeAll(async () => {
  await place.start();
  api = await TestApi.connect(place);
});
afterAll(async () => {
  api.close();
  await place.remove();
});
afterEach(async () => {
  await api.ask("recording.follow", { mode: "off" });
  const { terminals } = await api.ask("terminal.list", {});
  for (const { terminalId } of terminals) await api.ask("terminal.close", { terminalId });
});

/** Reads a terminal's recording as the api does. */
class Tape {
  readonly terminalId: string;
  offset = 0;
  event = 0;
  text = "";
  events: RecordingEvent[] = [];
  moments: number[] = [];
  gaps = 0;
  ended = false;

  constructor(terminalId: string) {
    this.terminalId = terminalId;
  }

  async read(by = api): Promise<void> {
    const { terminalId, offset: after, event: afterEvent } = this;
    const read = await by.ask("recording.read", { terminalId, after, afterEvent });
    if (read.data.length > 0) expect(read.marks[0]?.[0]).toBe(read.offset);
    this.gaps += read.offset - after;
    this.text += Buffer.from(read.data).toString();
    this.offset = read.offset + read.data.length;
    this.events.push(...read.events);
    this.event = read.events.at(-1)?.seq ?? afterEvent;
    this.moments.push(...read.marks.map(([, at]) => at));
    this.ended = read.state !== "open";
  }

  async until(done: () => boolean, by = api): Promise<void> {
    while (!done() && !this.ended) await this.read(by);
  }
}

async function open(mode: RecordingMode, terminalId = randomUUID()) {
  await api.ask("recording.follow", { mode });
  await api.ask("terminal.create", { cols: 80, rows: 24, terminalId });
  const writer = randomUUID();
  let sequence = 0;
  const type = (data: string) =>
    api.ask("terminal.input", { terminalId, writer, sequence: ++sequence, data });
  return { terminalId, type, tape: new Tape(terminalId) };
}

describe("a terminal that is recorded", () => {
  it("is read from its first byte, with moments and sizes, and to its end after it was closed", async () => {
    const { terminalId, type, tape } = await open("output");
    const { terminals } = await api.ask("recording.follow", { mode: "output" });
    expect(terminals).toMatchObject([{ terminalId, cols: 80, rows: 24 }]);
    const before = Date.now();
    await type("echo fir''st\n");
    await tape.until(() => tape.text.includes("first"));
    await api.ask("terminal.resize", { terminalId, cols: 100, rows: 30 });
    await type("echo sec''ond\n");
    await tape.until(() => tape.text.includes("second"));
    expect(tape.events.map(({ size }) => size)).toEqual([{ cols: 100, rows: 30 }]);
    expect(tape.moments.at(-1)).toBeGreaterThanOrEqual(before);
    expect(tape.moments).toEqual(tape.moments.toSorted((a, b) => a - b));
    const reader = new TerminalReader(terminalId, randomUUID());
    await reader.attach(api);
    await type("echo la''st\n");
    await eventually(() => expect(reader.text).toContain("last"));
    reader.detach();
    await api.ask("terminal.close", { terminalId });
    expect((await api.ask("recording.follow", { mode: "output" })).terminals).toHaveLength(1);
    await tape.until(() => false);
    expect(tape.text).toContain("last");
    expect(tape.text).toContain("first");
    // That it has everything is known by its next question.
    await tape.read();
    expect((await api.ask("recording.follow", { mode: "output" })).terminals).toEqual([]);
  });

  it("has its first byte also when it was opened, and closed, before anybody said that it is recorded", async () => {
    const early = new TestPlace();
    await early.start();
    const first = await TestApi.connect(early);
    try {
      const tapes = await Promise.all(
        ["whi''le", "bef''ore"].map(async (word) => {
          const { terminal } = await first.ask("terminal.create", { cols: 80, rows: 24 });
          const { terminalId } = terminal;
          expect(terminal.recorded).toBeUndefined();
          const writer = randomUUID();
          await first.ask("terminal.input", { terminalId, writer, sequence: 1, data: `echo ${word}\n` });
          const reader = new TerminalReader(terminalId, randomUUID());
          await reader.attach(first);
          await eventually(() => expect(reader.text).toContain(word.replace("''", "")));
          reader.detach();
          return new Tape(terminalId);
        }),
      );
      const [open, closed] = tapes as [Tape, Tape];
      await first.ask("terminal.close", { terminalId: closed.terminalId });
      const { terminals } = await first.ask("recording.follow", { mode: "output" });
      expect(terminals.map(({ terminalId }) => terminalId)).toEqual([open.terminalId, closed.terminalId]);
      await open.until(() => open.text.includes("while"), first);
      await closed.until(() => false, first);
      expect(closed.text).toContain("before");
      expect([open.gaps, closed.gaps]).toEqual([0, 0]);
    } finally {
      first.close();
      await early.remove();
    }
  });

  it("is not, when whoever comes first says so, for anybody who comes later", async () => {
    const early = new TestPlace();
    await early.start();
    const first = await TestApi.connect(early);
    try {
      const { terminal } = await first.ask("terminal.create", { cols: 80, rows: 24 });
      const { terminalId } = terminal;
      const reader = new TerminalReader(terminalId, randomUUID());
      await reader.attach(first);
      await eventually(() => expect(reader.offset).toBeGreaterThan(0));
      expect((await first.ask("recording.follow", { mode: "off" })).terminals).toEqual([]);
      const { offset } = reader;
      await first.ask("recording.follow", { mode: "output" });
      const tape = new Tape(terminalId);
      const writer = randomUUID();
      await first.ask("terminal.input", { terminalId, writer, sequence: 1, data: "echo af''ter\n" });
      await tape.until(() => tape.text.includes("after"), first);
      expect(tape.gaps).toBeGreaterThanOrEqual(offset);
    } finally {
      first.close();
      await early.remove();
    }
  });

  it("is not while the organisation says so, and never what came meanwhile", async () => {
    const { terminalId, type, tape } = await open("off");
    expect((await api.ask("terminal.list", {})).terminals[0]?.recorded).toBe("off");
    const reader = new TerminalReader(terminalId, randomUUID());
    await reader.attach(api);
    await type("echo pri''vate\n");
    await eventually(() => expect(reader.text).toContain("private"));
    expect((await api.ask("recording.follow", { mode: "off" })).terminals).toEqual([]);
    await api.ask("recording.follow", { mode: "output" });
    expect((await api.ask("terminal.list", {})).terminals[0]?.recorded).toBe("output");
    await type("echo pub''lic\n");
    await tape.until(() => tape.text.includes("public"));
    expect(tape.text).not.toContain("private");
    expect(tape.gaps).toBeGreaterThan(0);
    await api.ask("recording.stop", { terminalId });
    expect((await api.ask("terminal.list", {})).terminals[0]?.recorded).toBe("off");
  });

  it("waits for whoever records it when nobody watches, so that an outage loses nothing", async () => {
    const { terminalId, type, tape } = await open("output");
    const reader = new TerminalReader(terminalId, randomUUID());
    await reader.attach(api);
    await type("PS1=; stty -echo -onlcr; seq 1 1000000; echo DO''NE\n");
    // It has read more than the recording when it goes: what both lack is what is waited for.
    await eventually(() => expect(reader.offset).toBeGreaterThan(1_000_000));
    reader.detach();
    await api.ask("terminal.detach", { terminalId }, reader.client);
    await tape.until(() => tape.offset >= 3_000_000);
    // And then for nobody but the recording: the reader does not come back.
    await reader.attach(api);
    await tape.until(() => tape.text.includes("DONE"));
    const numbers = tape.text.slice(tape.text.indexOf("1\n2\n3\n"), tape.text.indexOf("DONE"));
    expect(tape.gaps).toBe(0);
    expect(numbers).toBe(Array.from({ length: 1_000_000 }, (_, index) => `${index + 1}\n`).join(""));
  }, 60_000);
});

describe("input", () => {
  it("is recorded where the organisation wants it, but not what is typed at a prompt that does not show it", async () => {
    const { type, tape } = await open("output-and-input");
    await type('tty; read -s secret; echo "it has ${' + '#secret}"\n');
    await tape.until(() => /[\r\n]\/dev\/pts\/\d+/.test(tape.text));
    const [tty] = /\/dev\/pts\/\d+/.exec(tape.text) ?? [""];
    await eventually(async () => expect(await asksForSecret(tty)).toBe(true));
    await type("hunter");
    await type("2-tell-nobody\n");
    await tape.until(() => tape.text.includes("it has 19"));
    await type("echo sho''wn\n");
    await tape.until(() => tape.text.includes("shown"));
    const typed = tape.events.map(({ input }) => input);
    expect(typed.filter((input) => input === null)).toHaveLength(1);
    expect(typed.join("")).not.toMatch(/hunter|tell-nobody/);
    expect(typed.join("")).toContain("echo sho''wn\n");
    expect(tape.text).not.toMatch(/hunter|tell-nobody/);
  });

  it("is not recorded otherwise", async () => {
    const { type, tape } = await open("output");
    await type("echo do''ne\n");
    await tape.until(() => tape.text.includes("done"));
    expect(tape.events).toEqual([]);
  });
});

describe("the timeline", () => {
  it("stays small when nobody reads it, and knows a moment for every byte", () => {
    const timeline = new Timeline();
    for (let at = 0; at < 100_000; at += 1) timeline.wrote(at, at * 10);
    const marks = timeline.marks(500, 100_000);
    expect(marks.length).toBeLessThan(20_000);
    expect(marks[0]?.[0]).toBe(500);
    expect(timeline.marks(99_999, 100_000)).toEqual([[99_999, 999_990]]);
    timeline.forget(99_000, 0);
    expect(timeline.marks(99_000, 100_000).length).toBe(1000);
  });
});
