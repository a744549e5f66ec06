import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SDKMessage } from "@anthropic-ai/claude-agent-sdk";
import type { ChatDelta } from "@remote-claude/protocol";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { CommandOutput } from "./command-output.ts";

const place = {
  conversationId: "0192f000-0000-7000-8000-000000000001",
  turnId: "0192f000-0000-7000-8000-000000000002",
};
let directory: string;
let tasks: string;
let deltas: ChatDelta[];
let output: CommandOutput;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "rc-output-"));
  tasks = join(directory, `claude-${process.getuid?.()}`, "-workspace", "session-1", "tasks");
  mkdirSync(tasks, { recursive: true });
  deltas = [];
  output = new CommandOutput({
    onDelta: (delta) => deltas.push(delta),
    directories: [directory],
    everyMs: 5,
  });
});
afterEach(() => {
  output.stop();
  rmSync(directory, { recursive: true });
});

const told = (subtype: string, fields: object) =>
  output.hear(
    { type: "system", subtype, session_id: "session-1", ...fields } as unknown as SDKMessage,
    place,
  );
const begins = (taskId = "task1", toolUseId = "toolu_1") =>
  told("task_started", { task_id: taskId, tool_use_id: toolUseId, task_type: "local_bash" });
const file = (taskId = "task1") => join(tasks, `${taskId}.output`);
const shown = () => output.snapshot().map(({ text }) => text);
const shows = (text: string) => vi.waitFor(() => expect(shown()).toEqual([text]), { timeout: 20_000 });

it("tells what a command writes while it runs, and no more when it has ended", async () => {
  writeFileSync(file(), "one\n");
  begins();
  expect(deltas).toMatchObject([
    { ...place, messageId: "toolu_1", block: 0, blockType: "tool-output", offset: 0, text: "one\n" },
  ]);
  const euro = Buffer.from("€\n");
  appendFileSync(file(), euro.subarray(0, 2));
  appendFileSync(file(), euro.subarray(2));
  await shows("one\n€\n");
  appendFileSync(file(), "last\n");
  told("task_notification", { task_id: "task1", status: "completed" });
  expect(deltas.map(({ text }) => text).join("")).toBe("one\n€\nlast\n");
  expect(deltas.at(-1)?.offset).toBe("one\n€\n".length);
  expect(shown()).toEqual([]);
});

it("waits for a file that is not there yet", async () => {
  begins();
  expect(deltas).toEqual([]);
  writeFileSync(file(), "late\n");
  await shows("late\n");
  told("task_updated", { task_id: "task1", patch: { status: "killed" } });
  expect(shown()).toEqual([]);
});

it("shows the end of a flood, as a text of its own", async () => {
  writeFileSync(file(), "begin\n");
  begins();
  appendFileSync(file(), `${"x".repeat(1_000_000)}end\n`);
  await vi.waitFor(() => expect(deltas).toHaveLength(2), { timeout: 20_000 });
  expect(deltas[1]).toMatchObject({ block: 1, offset: 0 });
  expect(deltas[1]?.text).toMatch(/^x{8000,8192}end\n$/);
  expect(shown()).toEqual([deltas[1]?.text]);
});

it("keeps the end of what grows on and on", async () => {
  begins();
  writeFileSync(file(), "");
  for (let part = 0; part < 6; part += 1) {
    const before = deltas.length;
    appendFileSync(file(), `${String(part).repeat(10_000)}\n`);
    await vi.waitFor(() => expect(deltas.length).toBeGreaterThan(before), { timeout: 20_000 });
  }
  const [text] = shown();
  expect(text?.length).toBeLessThanOrEqual(32 * 1024);
  expect(text?.endsWith("5\n")).toBe(true);
  expect(new Set(deltas.map(({ block }) => block)).size).toBeGreaterThan(1);
});

it("reads nothing but plain files of a task", () => {
  writeFileSync(join(directory, "secret"), "secret\n");
  symlinkSync(join(directory, "secret"), file("linked"));
  execFileSync("mkfifo", [file("piped")]);
  mkdirSync(file("folder"));
  for (const name of ["linked", "piped", "folder", "../../../secret", "gone"]) begins(name, `toolu_${name}`);
  expect(deltas).toEqual([]);
  told("task_started", { task_id: "agent", tool_use_id: "toolu_9", task_type: "local_agent" });
  told("task_started", { task_id: "nobody", task_type: "local_bash" });
  expect(shown()).toEqual([]);
});
