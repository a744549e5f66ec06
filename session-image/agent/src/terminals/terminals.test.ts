import { createHash, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../testing/eventually.ts";
import { TerminalReader } from "../testing/terminal-reader.ts";
import { TestApi } from "../testing/test-api.ts";
import { TestPlace } from "../testing/test-place.ts";

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
  const { terminals } = await api.ask("terminal.list", {});
  for (const { terminalId } of terminals) await api.ask("terminal.close", { terminalId });
});

class Shell {
  readonly terminalId: string;
  readonly writer = randomUUID();
  sequence = 0;

  constructor(terminalId: string) {
    this.terminalId = terminalId;
  }

  static async open(): Promise<Shell> {
    const { terminal } = await api.ask("terminal.create", { cols: 80, rows: 24 });
    return new Shell(terminal.terminalId);
  }

  async type(data: string, by: TestApi = api): Promise<void> {
    this.sequence += 1;
    const { terminalId, writer, sequence } = this;
    await by.ask("terminal.input", { terminalId, writer, sequence, data });
  }

  async close(): Promise<void> {
    await api.ask("terminal.close", { terminalId: this.terminalId });
  }
}

function residentMegabytes(): number {
  const kibibytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${place.pid}/status`, "utf8"))?.[1];
  return Number(kibibytes) / 1024;
}

/** A shell that prints nothing but what it is told, and one reader of it. */
async function quietShell(): Promise<{ shell: Shell; reader: TerminalReader }> {
  const shell = await Shell.open();
  const reader = new TerminalReader(shell.terminalId, randomUUID());
  await reader.attach(api);
  await shell.type("PS1=; PS2=; stty -echo -onlcr; bind 'set enable-bracketed-paste off'; echo REA''DY\n");
  await eventually(() => expect(reader.text).toContain("READY\n"));
  reader.bytes = [];
  return { shell, reader };
}

describe("output", () => {
  it("is text while it is little and ASCII, and bytes else", async () => {
    const { shell, reader } = await quietShell();
    const kinds: string[] = [];
    api.on("terminal.output", ({ data }, to) => {
      if (to === reader.client) kinds.push(typeof data === "string" ? "text" : "bytes");
    });
    for (const [command, end, kind] of [
      ["printf '\\033[1mp%s' lain", "plain", "text"],
      ["printf 'gr\\303\\274%s' n", "grün", "bytes"],
      ["printf '%020000d%s' 7 long", "7long", "bytes"],
    ] as const) {
      kinds.length = 0;
      await shell.type(`${command}\n`);
      await eventually(() => expect(reader.text.endsWith(end)).toBe(true));
      expect(kinds, command).toContain(kind);
    }
    await shell.close();
  });

  it("is delivered byte for byte across connections that break at any moment", {
    timeout: 60_000,
  }, async () => {
    const { shell, reader } = await quietShell();
    const lines = 300_000;
    await shell.type(`seq 1 ${lines}; echo DO''NE\n`);
    const random = seeded(7);
    let reached = reader.offset;
    for (let round = 0; round < 8; round++) {
      reached += Math.floor(random() * 300_000);
      const other = await TestApi.connect(place);
      await reader.attach(other);
      await eventually(() => expect(reader.offset > reached || reader.text.includes("DONE")).toBe(true));
      other.close();
      reader.detach();
    }
    await reader.attach(api);
    await eventually(() => expect(reader.text.endsWith("DONE\n")).toBe(true));
    const expected = Array.from({ length: lines }, (_, index) => `${index + 1}\n`).join("");
    const hash = (text: string) => createHash("sha256").update(text).digest("hex");
    expect(hash(reader.text)).toBe(hash(`${expected}DONE\n`));
    await shell.close();
  });

  it("goes on when a reader attaches again before it has acknowledged what is on its way", async () => {
    const { shell, reader } = await quietShell();
    const { terminalId, client } = reader;
    reader.acknowledges = false;
    await shell.type("head -c 3000000 /dev/zero | tr '\\0' x\n");
    await eventually(() => expect(reader.offset).toBe(1024 * 1024));
    reader.detach();
    let end = 0;
    api.on("terminal.output", ({ offset, data }, to) => {
      if (to === client) end = Math.max(end, offset + data.length);
    });
    const attached = api.ask("terminal.attach", { terminalId, after: 0 }, client);
    await api.ask("terminal.acknowledge", { terminalId, offset: reader.offset }, client);
    await attached;
    await eventually(() => expect(end).toBeGreaterThan(reader.offset));
  });

  it("of a shell that ends while its reader is behind is not lost", async () => {
    const { shell, reader } = await quietShell();
    reader.acknowledges = false;
    await shell.type("exec seq 1 300000\n");
    const list = async () => (await api.ask("terminal.list", {})).terminals;
    const own = async () => (await list()).find(({ terminalId }) => terminalId === shell.terminalId);
    // Stuck: what was not acknowledged fills the window, and seq waits.
    await eventually(async () => expect((await own())?.endOffset).toBeGreaterThan(1024 * 1024));
    reader.acknowledges = true;
    reader.acknowledge(api);
    await eventually(() => expect(reader.text.endsWith("300000\n")).toBe(true));
    await eventually(async () => expect((await own())?.exitCode).toBe(0));
    await shell.close();
  });

  it("reaches two readers alike, and the slower does not stall the faster", async () => {
    const { shell, reader } = await quietShell();
    const slow = new TerminalReader(shell.terminalId, "slow");
    slow.acknowledges = false;
    await slow.attach(api, reader.offset);
    await shell.type("seq 1 1000000; echo DO''NE\n");
    await eventually(() => expect(reader.text).toContain("DONE"));
    expect(slow.overrun).toBe(true);
    slow.acknowledges = true;
    await slow.attach(api, 0);
    expect(slow.gap).toBeGreaterThan(0);
    expect(slow.snapshot).toContain("999999");
    expect(slow.snapshot).toContain("DONE");
    await shell.close();
  });

  it("that nobody reads makes the program wait, and costs no memory", async () => {
    const { shell, reader } = await quietShell();
    reader.acknowledges = false;
    const before = residentMegabytes();
    await shell.type("yes\n");
    const offset = async () =>
      (await api.ask("terminal.list", {})).terminals.find(({ terminalId }) => terminalId === shell.terminalId)
        ?.endOffset ?? 0;
    await eventually(async () => expect(await offset()).toBeGreaterThan(1024 * 1024));
    let last = -1;
    await eventually(async () => {
      const now = await offset();
      const still = now === last;
      last = now;
      expect(still).toBe(true);
    });
    expect(last).toBeLessThan(1.5 * 1024 * 1024);
    expect(residentMegabytes() - before).toBeLessThan(32);
    await api.ask("terminal.detach", { terminalId: shell.terminalId }, reader.client);
    await eventually(async () => expect(await offset()).toBeGreaterThan(3 * 1024 * 1024));
    expect(residentMegabytes() - before).toBeLessThan(32);
    await shell.close();
  });

  it("is interrupted by Ctrl-C in the middle of a flood", async () => {
    const { shell, reader } = await quietShell();
    await shell.type("yes\n");
    await eventually(() => expect(reader.offset).toBeGreaterThan(1024 * 1024));
    await shell.type("\x03");
    await shell.type("echo AG''AIN\n");
    await eventually(() => expect(reader.bytes.slice(-5).map(String).join("")).toContain("AGAIN"));
    await shell.close();
  });

  it("of one terminal gets through while another floods", async () => {
    const flood = await quietShell();
    const other = await quietShell();
    await flood.shell.type("yes\n");
    await eventually(() => expect(flood.reader.offset).toBeGreaterThan(4 * 1024 * 1024));
    await other.shell.type("echo HE''RE\n");
    await eventually(() => expect(other.reader.text).toContain("HERE"));
    await flood.shell.close();
    await other.shell.close();
  });
});

describe("input", () => {
  it("that is sent again is written once", async () => {
    const { shell, reader } = await quietShell();
    const { terminalId } = shell;
    const writer = randomUUID();
    const send = (sequence: number, data: string) =>
      api.ask("terminal.input", { terminalId, writer, sequence, data });
    await Promise.all([
      send(1, "echo o''ne\n"),
      send(2, "echo t''wo\n"),
      send(1, "echo o''ne\n"),
      send(2, "echo t''wo\n"),
    ]);
    await send(3, "echo th''ree\n");
    await eventually(() => expect(reader.text).toContain("three"));
    expect(reader.text).toBe("one\ntwo\nthree\n");
    await shell.close();
  });

  it("of a whole page of text arrives whole", async () => {
    const { shell, reader } = await quietShell();
    const text = `${"0123456789".repeat(100)}\n`.repeat(300);
    await shell.type(`head -c ${text.length} | cksum; echo DO''NE\n`);
    await shell.type(text);
    await eventually(() => expect(reader.text).toContain("DONE"));
    expect(reader.text).toMatch(new RegExp(`^\\d+ ${text.length}\\n`));
    await shell.close();
  });
});

describe("a terminal", () => {
  it("outlives its readers and tells of its changes", async () => {
    const { shell } = await quietShell();
    const { terminalId } = shell;
    await api.ask("terminal.resize", { terminalId, cols: 100, rows: 30 });
    await api.ask("terminal.rename", { terminalId, title: "build" });
    const other = await TestApi.connect(place);
    const { terminals } = await other.ask("terminal.list", {});
    expect(terminals.find((terminal) => terminal.terminalId === terminalId)).toMatchObject({
      cols: 100,
      rows: 30,
      title: "build",
      exitCode: null,
    });
    await shell.type("stty size; exit 7\n", other);
    const exited = () =>
      api.events.some(
        ({ event, payload }) =>
          event === "terminal.changed" &&
          (payload.terminal as { terminalId: string; exitCode: number | null }).terminalId === terminalId &&
          (payload.terminal as { exitCode: number | null }).exitCode === 7,
      );
    await eventually(() => expect(exited()).toBe(true));
    const reader = new TerminalReader(terminalId);
    await reader.attach(other, 0);
    await eventually(() => expect(reader.text).toContain("30 100"));
    await expect(shell.type("x")).rejects.toMatchObject({ code: "conflict" });
    other.close();
    await shell.close();
    await expect(shell.type("x")).rejects.toMatchObject({ code: "not_found" });
  });

  it("is the thirty-second at most, and starts nowhere but in the workspace", async () => {
    const made: Shell[] = [];
    await expect(
      (async () => {
        for (let count = 0; count < 40; count++) made.push(await Shell.open());
      })(),
    ).rejects.toMatchObject({ code: "conflict" });
    expect(made.length).toBe(32);
    for (const shell of made) await shell.close();
    await expect(api.ask("terminal.create", { cols: 80, rows: 24, cwd: "no/where" })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("sees ways out, but none of the agent's own settings", async () => {
    const { shell, reader } = await quietShell();
    await shell.type("env; echo DO''NE\n");
    await eventually(() => expect(reader.text).toContain("DONE"));
    expect(reader.text).toMatch(/^HTTPS_PROXY=http:\/\/127\.0\.0\.1:\d+$/m);
    expect(reader.text).toMatch(/^ANTHROPIC_BASE_URL=http:\/\/127\.0\.0\.1:\d+$/m);
    expect(reader.text).not.toContain("AGENT_");
    expect(reader.text).not.toContain(place.secret);
    await shell.close();
  });
});

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

describe("a terminal counts as busy", () => {
  const busy = async () => (await api.ask("workspace.activity", {})).terminals;

  it("while a program in it uses the processor, and not when it waits or the shell is at its prompt", async () => {
    const { shell } = await quietShell();
    await busy();
    expect(await busy()).toBe(0);
    await shell.type("bash -c 'while :; do :; done'\n");
    await eventually(async () => expect(await busy()).toBe(1));
    await shell.type("\x03");
    await eventually(async () => expect(await busy()).toBe(0));
    await shell.type("sleep 600\n");
    // Its own start may still count.
    await eventually(async () => expect(await busy()).toBe(0));
    await shell.type("\x03");
    await eventually(async () => expect(await busy()).toBe(0));
    // The shell itself is in the foreground: what it computes is nobody's program.
    await shell.type("while :; do :; done\n");
    expect(await busy()).toBe(0);
    await shell.close();
  });

  it("while a program in it writes, however little it computes", async () => {
    const { shell } = await quietShell();
    await busy();
    await shell.type("cat\n");
    await eventually(async () => expect(await busy()).toBe(0));
    await shell.type("said\n");
    await eventually(async () => expect(await busy()).toBe(1));
    expect(await busy()).toBe(0);
    await shell.close();
  });
});
