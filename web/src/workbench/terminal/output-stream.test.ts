import { describe, expect, it, vi } from "vitest";
import { type AttachedAt, OutputStream } from "./output-stream.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** A terminal whose whole output is known, and a screen that remembers what it was given. */
function setUp({ slow = false } = {}) {
  const answers: { after: number; answer(at: AttachedAt): void; fail(error: unknown): void }[] = [];
  const drawn: (string | Uint8Array)[] = [];
  const done: (() => void)[] = [];
  const acknowledged: number[] = [];
  const onError = vi.fn();
  const stream = new OutputStream({
    source: {
      attach: (after) =>
        new Promise((answer, fail) => {
          answers.push({ after, answer, fail });
        }),
      acknowledge: (offset) => acknowledged.push(offset),
    },
    screen: {
      write: (data, taken) => {
        drawn.push(data);
        if (slow) done.push(taken);
        else taken();
      },
      reset: () => drawn.splice(0),
    },
    gapMark: (count) => `<${count} missing>`,
    onError,
    acknowledgeEvery: 4,
  });
  const screen = () =>
    drawn.map((data) => (typeof data === "string" ? data : new TextDecoder().decode(data))).join("");
  const attached = async (at: Partial<AttachedAt> = {}) => {
    answers.at(-1)?.answer({ offset: 0, gap: 0, snapshot: null, endOffset: 0, ...at });
    await Promise.resolve();
    await Promise.resolve();
  };
  return { stream, answers, screen, attached, done, acknowledged, onError };
}

describe("OutputStream", () => {
  it("draws output in its order and drops what it has already", async () => {
    const { stream, screen, attached } = setUp();
    stream.restart();
    await attached();
    stream.push({ offset: 0, data: bytes("hello") });
    stream.push({ offset: 0, data: bytes("hello") });
    stream.push({ offset: 3, data: bytes("lo wor") });
    stream.push({ offset: 9, data: bytes("ld") });
    expect(screen()).toBe("hello world");
    expect(stream.position).toBe(11);
  });

  it("takes what comes as text as it takes bytes", async () => {
    const { stream, screen, attached } = setUp();
    stream.restart();
    await attached();
    stream.push({ offset: 0, data: "hello" });
    stream.push({ offset: 3, data: "lo wor" });
    stream.push({ offset: 7, data: bytes("orld") });
    expect(screen()).toBe("hello world");
  });

  it("closes a hole by attaching again where it stopped", async () => {
    const { stream, screen, attached, answers } = setUp();
    stream.restart();
    await attached();
    stream.push({ offset: 0, data: bytes("abc") });
    stream.push({ offset: 5, data: bytes("fg") });
    expect(answers.map(({ after }) => after)).toEqual([0, 3]);
    await attached({ offset: 3 });
    stream.push({ offset: 3, data: bytes("defg") });
    expect(screen()).toBe("abcdefg");
  });

  it("keeps what arrives before the answer to attach, and takes it after", async () => {
    const { stream, screen, attached } = setUp();
    stream.restart();
    stream.push({ offset: 0, data: bytes("ab") });
    expect(screen()).toBe("");
    await attached();
    stream.push({ offset: 2, data: bytes("c") });
    expect(screen()).toBe("abc");
  });

  it("goes on after a reconnect without losing or doubling a byte, and ignores the answer of the old one", async () => {
    const { stream, screen, attached, answers } = setUp();
    stream.restart();
    await attached();
    stream.push({ offset: 0, data: bytes("abc") });
    stream.restart();
    stream.stop();
    stream.push({ offset: 3, data: bytes("lost with the connection") });
    stream.restart();
    answers[1]?.answer({ offset: 0, gap: 0, snapshot: "stale", endOffset: 0 });
    await attached({ offset: 3 });
    stream.push({ offset: 3, data: bytes("def") });
    expect(answers.map(({ after }) => after)).toEqual([0, 3, 3]);
    expect(screen()).toBe("abcdef");
  });

  it("shows a snapshot with a mark for what is missing, and goes on behind it", async () => {
    const { stream, screen, attached } = setUp();
    stream.restart();
    await attached({ offset: 100, gap: 100, snapshot: "screen", endOffset: 100 });
    stream.push({ offset: 100, data: bytes("+more") });
    expect(screen()).toBe("<100 missing>screen+more");
  });

  it("asks for a snapshot after an overrun and counts the gap from the last byte it drew", async () => {
    const { stream, screen, attached, answers } = setUp();
    stream.restart();
    await attached();
    stream.push({ offset: 0, data: bytes("0123456789") });
    stream.overrun();
    expect(answers.at(-1)?.after).toBe(0);
    await attached({ offset: 100, gap: 100, snapshot: "screen", endOffset: 100 });
    expect(screen()).toBe("<90 missing>screen");
    stream.push({ offset: 100, data: bytes("!") });
    expect(screen()).toBe("<90 missing>screen!");
  });

  it("acknowledges only what the screen has taken in", async () => {
    const { stream, attached, done, acknowledged } = setUp({ slow: true });
    stream.restart();
    await attached();
    stream.push({ offset: 0, data: bytes("abcdef") });
    expect(acknowledged).toEqual([]);
    done.shift()?.();
    expect(acknowledged).toEqual([6]);
  });

  it("is replaying until history has been drawn, and not when new output comes", async () => {
    const { stream, attached, done } = setUp({ slow: true });
    stream.restart();
    await attached({ endOffset: 3 });
    expect(stream.replaying).toBe(true);
    stream.push({ offset: 0, data: bytes("abc") });
    done.shift()?.();
    expect(stream.replaying).toBe(false);
  });

  it("tells when everything before an offset is on the screen", async () => {
    const { stream, attached } = setUp();
    const run = vi.fn();
    stream.restart();
    await attached();
    stream.whenConsumed(3, run);
    stream.push({ offset: 0, data: bytes("ab") });
    expect(run).not.toHaveBeenCalled();
    stream.push({ offset: 2, data: bytes("c") });
    expect(run).toHaveBeenCalledOnce();
  });

  it("hands on why it cannot attach, and attaches when it is started again", async () => {
    const { stream, answers, attached, onError, screen } = setUp();
    stream.restart();
    answers[0]?.fail(new Error("gone"));
    await vi.waitFor(() => expect(onError).toHaveBeenCalledOnce());
    stream.restart();
    await attached();
    stream.push({ offset: 0, data: bytes("back") });
    expect(screen()).toBe("back");
  });
});
