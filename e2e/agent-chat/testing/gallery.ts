import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ChatEventOf, JournalEntry } from "@remote-claude/protocol";
import { vi } from "vitest";
import type { ApiEnd } from "./api-end.ts";
import type { SessionPlace } from "./session-place.ts";

const recording = fileURLToPath(
  new URL("../../../web/src/claude/testing/recordings/gallery.jsonl", import.meta.url),
);
const scripts = fileURLToPath(new URL("../../scripted-model/scripts/", import.meta.url));
const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkqGcAAAGEAIGkN5zvAAAAAElFTkSuQmCC";
const patience = { timeout: 60_000, interval: 20 };

const kebab = (name: string) =>
  name
    .replaceAll(/_+/g, "-")
    .replaceAll(/([a-z])([A-Z])/g, "$1-$2")
    .toLowerCase();

/** The script that uses a tool of that name, in e2e/scripted-model/scripts. */
export const scriptOf = (tool: string) => `tool-${kebab(tool)}`;
export const scriptPathOf = (tool: string) => join(scripts, `${scriptOf(tool)}.json`);

/** A workspace in which every tool finds something, and an MCP server, whose tools are offered too. */
export function furnish(place: SessionPlace): void {
  const server = fileURLToPath(new URL("./mcp-server.mjs", import.meta.url));
  const mcpServers = { gallery: { command: process.execPath, args: [server] } };
  writeFileSync(join(place.home, ".claude.json"), JSON.stringify({ mcpServers }));
  const file = (name: string, content: string | Buffer) =>
    writeFileSync(join(place.workspace, name), content);
  file("edited.ts", "const answer = 41;\nexport default answer;\n");
  file("dot.png", Buffer.from(dot, "base64"));
  const cell = { id: "first", cell_type: "code", source: ["print('old')"], outputs: [], metadata: {} };
  const metadata = { language_info: { name: "python" } };
  file("notebook.ipynb", JSON.stringify({ cells: [cell], metadata, nbformat: 4, nbformat_minor: 5 }));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=A", "-c", "user.email=a@example.org", ...args], {
      cwd: place.workspace,
    });
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "Begin");
}

/** Sends a prompt and waits for the end of its turn; every question on the way is answered with yes. */
export async function playTurn(api: ApiEnd, conversationId: string, text: string): Promise<void> {
  const messageId = await api.prompt(conversationId, text);
  const answered = new Set(api.events("permission-answered").map(({ requestId }) => requestId));
  await vi.waitFor(async () => {
    for (const asked of api.events("permission-asked")) {
      if (answered.has(asked.requestId)) continue;
      answered.add(asked.requestId);
      await api.send("chat.answer", answerTo(conversationId, asked));
    }
    const turnId = api.events("turn-started").find((turn) => turn.messageId === messageId)?.turnId;
    const ends = [...api.events("turn-ended"), ...api.events("turn-failed")];
    if (!ends.some((end) => end.turnId === turnId)) throw new Error("the turn has not ended yet");
  }, patience);
}

function answerTo(conversationId: string, asked: ChatEventOf<"permission-asked">) {
  const { requestId, toolName, input } = asked;
  const yes = { conversationId, requestId, decision: "allow" as const };
  if (toolName !== "AskUserQuestion") return yes;
  const [question] = input.questions as { question: string }[];
  return { ...yes, input: { ...input, answers: { [question?.question ?? ""]: "Blue" } } };
}

/** What `system/init` says is on offer. */
export function offeredTools(api: ApiEnd): string[] {
  const init = api.events("sdk").find(({ message }) => message.subtype === "init")?.message;
  return (init?.tools ?? []) as string[];
}

/** A conversation that is listened to. */
export async function openConversation(
  place: SessionPlace,
): Promise<{ api: ApiEnd; conversationId: string }> {
  const api = await place.connect();
  const conversationId = randomUUID();
  api.only = conversationId;
  await api.send("chat.follow", { cursors: {} });
  return { api, conversationId };
}

/** The names of the tools that the recorded gallery shows in use. */
export function recordedTools(): Set<string> {
  const names = readFileSync(recording, "utf8").matchAll(/"type":"tool_use","id":"[^"]+","name":"([^"]+)"/g);
  return new Set([...names].map(([, name = ""]) => name));
}

/** Lists and figures that no page reads. */
const dropped = new Set([
  "agents",
  "capabilities",
  "diagnostics",
  "memory_paths",
  "messaging_socket_path",
  "modelUsage",
  "plugins",
  "request_id",
  "session_id",
  "signature",
  "skills",
  "slash_commands",
  "terminal_slash_commands",
  "usage",
  "user_message_uuid",
  "user_message_uuids",
]);

/** Keeps a conversation as the recording that the pane's tests draw. */
export function writeGallery(place: SessionPlace, entries: readonly JournalEntry[]): void {
  const lines = entries
    .filter(({ event }) => event.kind !== "sdk" || event.message.type !== "result")
    .map((entry) => JSON.stringify({ entry }, (key, value) => (keeps(key, entry) ? value : undefined)))
    .map((line) =>
      line.replaceAll(place.root, "/place").replaceAll(place.root.replaceAll("/", "-"), "-place"),
    );
  writeFileSync(recording, `${lines.join("\n")}\n`);
}

const keeps = (key: string, { event }: JournalEntry) => event.kind !== "sdk" || !dropped.has(key);
