import type { JournalEntry } from "@remote-claude/protocol";
import { describe, expect, it } from "vitest";
import { rowOf } from "../finding/use-jump.ts";
import { idOf, prompt, turnStarted } from "../testing/recordings.ts";
import { buildTimeline } from "./timeline.ts";

const [first, second] = [idOf(1), idOf(2)];
const said = (seq: number, id: string, text: string): JournalEntry => ({
  ...turnStarted(seq, first),
  event: {
    kind: "sdk",
    turnId: idOf(7),
    message: { type: "assistant", message: { id, content: [{ type: "text", text }] } },
  },
});
const rewound = (seq: number, messageId: string, what: "both" | "conversation" | "files"): JournalEntry => ({
  ...turnStarted(seq, first),
  event: {
    ...{ kind: "rewound", messageId, what, files: ["a.txt"], fileCount: 1 },
    by: { id: idOf(8), name: "Ada" },
  },
});
const talk = [
  ...[prompt(1, first), turnStarted(2, first), said(3, "msg_1", "one")],
  ...[prompt(4, second), turnStarted(5, second), said(6, "msg_2", "two")],
];
const kinds = (entries: readonly JournalEntry[]) => buildTimeline(entries).items.map(({ kind }) => kind);

describe("going back", () => {
  it("sets aside what was said since, and the talk goes on before it", () => {
    const { items } = buildTimeline([...talk, rewound(7, second, "both"), said(8, "msg_3", "three")]);
    expect(items.map(({ kind }) => kind)).toEqual(["prompt", "text", "set-aside", "text"]);
    expect(items[2]).toMatchObject({
      ...{ what: "both", by: "Ada", fileCount: 1 },
      items: [{ kind: "prompt" }, { kind: "text", text: "two" }],
    });
  });

  it("of the files alone leaves the talk as it is", () => {
    expect(kinds([...talk, rewound(7, second, "files")])).toEqual([
      ...["prompt", "text", "prompt", "text"],
      "set-aside",
    ]);
  });

  it("sets aside what was set aside before, and all that is loaded where the message is not", () => {
    const twice = [...talk, rewound(7, second, "conversation"), rewound(8, first, "both")];
    expect(kinds(twice)).toEqual(["set-aside"]);
    expect(kinds([...talk.slice(3), rewound(7, first, "both")])).toEqual(["set-aside"]);
  });

  it("leaves messages to be found in what was set aside", () => {
    const { items } = buildTimeline([...talk, rewound(7, second, "both")]);
    const place = (by: "person" | "claude", messageId: string) => rowOf(items, { seq: 1, by, messageId });
    expect([place("person", first), place("claude", "msg_1"), place("claude", "msg_2")]).toEqual([0, 1, 2]);
    expect(place("claude", "msg_9")).toBe(-1);
  });
});
