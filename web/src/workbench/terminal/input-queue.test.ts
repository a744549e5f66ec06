import { AppError } from "@remote-claude/protocol";
import { describe, expect, it, vi } from "vitest";
import { InputQueue } from "./input-queue.ts";

/** An agent behind a connection that can break before or after the agent has written what was sent. */
function setUp() {
  let mode: "up" | "lost-on-the-way" | "answer-lost" | "refused" = "up";
  let last = 0;
  let written = "";
  const retries: (() => void)[] = [];
  const onRefused = vi.fn();
  const queue = new InputQueue({
    send: async (sequence, data) => {
      if (mode === "refused") throw new AppError("not_found", "there is no such terminal");
      if (mode === "lost-on-the-way") throw new AppError("unavailable", "lost");
      if (sequence > last) {
        last = sequence;
        written += data;
      }
      if (mode === "answer-lost") throw new AppError("unavailable", "lost");
    },
    later: (retry) => {
      retries.push(retry);
      return () => retries.splice(retries.indexOf(retry), 1);
    },
    onRefused,
    pieceLength: 4,
  });
  return {
    queue,
    retries,
    onRefused,
    set: (next: typeof mode) => {
      mode = next;
    },
    written: () => written,
    settled: (count: number) => vi.waitFor(() => expect(queue.unanswered).toBe(count)),
  };
}

describe("InputQueue", () => {
  it("sends at once, in order, and forgets what was answered", async () => {
    const { queue, written, settled } = setUp();
    queue.push("a");
    queue.push("b");
    expect(written()).toBe("ab");
    await settled(0);
  });

  it("keeps what was lost with the connection and what was typed meanwhile, and sends it in its order", async () => {
    const { queue, set, written, retries, settled } = setUp();
    set("lost-on-the-way");
    queue.push("a");
    await vi.waitFor(() => expect(retries).toHaveLength(1));
    queue.push("b");
    queue.push("c");
    expect(written()).toBe("");
    set("up");
    queue.resume();
    expect(written()).toBe("abc");
    await settled(0);
    expect(retries).toHaveLength(0);
  });

  it("doubles nothing when only the answer was lost", async () => {
    const { queue, set, written, retries, settled } = setUp();
    set("answer-lost");
    queue.push("a");
    queue.push("b");
    await vi.waitFor(() => expect(retries).toHaveLength(1));
    set("up");
    queue.push("c");
    queue.resume();
    expect(written()).toBe("abc");
    await settled(0);
  });

  it("tries again by itself after a refusal that passes", async () => {
    const { queue, set, written, retries, settled } = setUp();
    set("lost-on-the-way");
    queue.push("a");
    await vi.waitFor(() => expect(retries).toHaveLength(1));
    set("up");
    retries[0]?.();
    await settled(0);
    expect(written()).toBe("a");
  });

  it("drops everything when the terminal is gone, and says so once", async () => {
    const { queue, set, onRefused, settled } = setUp();
    set("refused");
    queue.push("a");
    queue.push("b");
    await settled(0);
    expect(onRefused).toHaveBeenCalledOnce();
  });

  it("cuts a long paste into pieces, never through a character", async () => {
    const sent: string[] = [];
    const queue = new InputQueue({
      send: async (_, data) => sent.push(data),
      later: () => () => undefined,
      onRefused: vi.fn(),
      pieceLength: 4,
    });
    queue.push("abc😀defg");
    expect(sent).toEqual(["abc", "😀de", "fg"]);
  });
});
