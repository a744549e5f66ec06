import { type JournalEntry, JournalEntry as JournalEntrySchema } from "@remote-claude/protocol";
import { describe, expect, it } from "vitest";
import { foldItems } from "../model/fold.ts";
import type { TimelineItem } from "../model/items.ts";
import { buildTimeline } from "../model/timeline.ts";
import { drawItem, textOf } from "../testing/draw.ts";
import { Mutator } from "../testing/mutator.ts";
import { entryOf, prompt, readRecording, said, turnId, turnStarted } from "../testing/recordings.ts";

const recordings = ["gallery", "work", "ask", "plan", "denied", "background", "overloaded", "unauthorized"];
const itemsOf = (entries: readonly JournalEntry[]) => foldItems(buildTimeline(entries).items);
const gallery = readRecording("gallery").entries;

type Tool = TimelineItem & { kind: "tool" };
const toolsOf = (items: readonly TimelineItem[]): Tool[] =>
  items.flatMap((item) => (item.kind === "tool" ? [item, ...toolsOf(item.call.children)] : []));
const tools = toolsOf(buildTimeline(gallery).items);
const textsOf = (name: string) =>
  tools.filter(({ call }) => call.name === name).map((item) => textOf(drawItem(item)));

/** Every item can be drawn, and none is a blank. */
function expectReadable(entries: readonly JournalEntry[], hint: string): void {
  for (const item of itemsOf(entries)) {
    let text = "";
    try {
      text = textOf(drawItem(item));
    } catch (error) {
      throw new Error(`${hint}: ${JSON.stringify(item).slice(0, 2000)}`, { cause: error });
    }
    expect(text, `${hint}: ${JSON.stringify(item).slice(0, 500)}`).not.toBe("");
  }
}

describe("a recorded message", () => {
  it.each(recordings)("is drawn with words in it, open and closed: %s", (name) => {
    const { entries } = readRecording(name);
    expectReadable(entries, name);
    for (const item of itemsOf(entries)) expect(textOf(drawItem(item, { closed: true }))).not.toBe("");
  });

  it("says in words what each tool did", () => {
    const [agent] = textsOf("Agent");
    expect(agent).toContain("Look around general-purpose 1 tool call");
    expect(agent).toContain("I'll list the files.");
    expect(agent).not.toContain("tools-used-before-summary");
    expect(textsOf("Bash").find((text) => text.includes("exit 3"))).toContain("before");
    expect(textsOf("CronCreate")[0]).toContain("Scheduled: Look at the open issues");
    expect(textsOf("Edit")[0]).toMatch(/Edited edited\.ts \+1 −1 .*const answer = 42;/);
    expect(textsOf("NotebookEdit")[0]).toContain("Edited notebook.ipynb");
    expect(textsOf("Read")).toContain("Read edited.ts 3 lines");
    expect(textsOf("ReportFindings")[0]).toContain("The answer is off by one. edited.ts:1 important");
    expect(textsOf("TaskCreate")[0]).toBe("Added to the to-do list: Read the code");
    expect(textsOf("WebSearch")[0]).toContain("Hello from the scripted model.");
    expect(textsOf("WebSearch")[0]).not.toContain("REMINDER");
    expect(textsOf("mcp__gallery__find_issues")[0]).toMatch(
      /^gallery find issues colours .*state open limit 3/,
    );
    expect(textsOf("mcp__gallery__fail")[0]).toContain("the server has no such thing");
  });

  it("folds runs of small calls into one line that says what was done", () => {
    const groups = itemsOf(gallery).flatMap((item) => (item.kind === "tool-group" ? [item] : []));
    const lines = groups.map((item) => textOf(drawItem(item, { closed: true })));
    expect(lines).toContain("Added 2 to-dos");
    expect(lines).toContain("Updated 2 to-dos");
  });

  it("shows pictures that a tool answered with", () => {
    const drawn = tools.filter(({ call }) => call.result?.images.length === 1).map((item) => drawItem(item));
    expect(drawn).toHaveLength(2);
    // Where Claude Code keeps a picture is said to the model.
    expect(textsOf("mcp__gallery__draw")[0]).not.toContain("[Image: source");
    for (const html of drawn) expect(html).toContain('src="data:image/png;base64,');
  });
});

describe("a message of another version", () => {
  const opening = [prompt(1, turnId), turnStarted(2, turnId)];

  it("is drawn readable when its tool is not known", () => {
    const input = { subject: "a lamp", nested: { deep: [1, { two: true }] }, empty: {}, words: "one\ntwo" };
    for (const name of ["Teleport", "constructor", "__proto__", "toString", "", "mcp__x__y__z"]) {
      const call = { type: "tool_use", id: "t1", name, input };
      const answer = { type: "tool_result", tool_use_id: "t1", content: [{ type: "hologram", beam: 7 }] };
      const result = { type: "user", message: { content: [answer] }, tool_use_result: { beam: [7] } };
      const entries = [...opening, said(3, "m1", call), entryOf(4, { kind: "sdk", turnId, message: result })];
      const [tool] = toolsOf(itemsOf(entries));
      const text = tool === undefined ? "" : textOf(drawItem(tool));
      expect(text).toContain("a lamp");
      expectReadable(entries, name);
    }
  });

  it("is drawn readable when its type is not known", () => {
    const message = { type: "telepathy", thought: "a lamp" };
    const items = itemsOf([...opening, entryOf(3, { kind: "sdk", turnId, message })]);
    expect(items.map((item) => textOf(drawItem(item))).join()).toContain("a lamp");
  });

  it.each([1, 2, 3])("is drawn whatever became of its fields (seed %i)", (seed) => {
    const mutator = new Mutator(seed);
    for (let round = 0; round < 12; round += 1) {
      const entries = mutator.some(gallery).map((entry) => mutator.mutateMessage(entry));
      // They are what the wire lets through.
      for (const entry of entries) JournalEntrySchema.parse(entry);
      expectReadable(entries, `seed ${seed}, round ${round}`);
    }
  });
});
