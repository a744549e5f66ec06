import { randomUUID } from "node:crypto";
import type { ChatEvent, Session } from "@remote-claude/protocol";
import type { Product } from "./product.ts";

const answer = (turn: number) => `## Step ${turn}

The parser keeps **one** cursor and never goes back, so \`peek()\` is enough here. What follows from that:

- a token is read once, and its *place* is known
- an error names the line, e.g. \`main.ts:${turn}\`

\`\`\`ts
export function step${turn}(input: string): number {
  // Counts what is left.
  return [...input].filter((character) => character !== " ").length + ${turn};
}
\`\`\`

Next I look at the tests.`;

/** The eight events of a turn that thinks, runs a command and answers. */
function turnOf(turn: number, by: Session["owner"]): ChatEvent[] {
  const [turnId, messageId] = [randomUUID(), randomUUID()];
  const said = (content: Record<string, unknown>): ChatEvent => ({
    kind: "sdk",
    turnId,
    message: {
      type: "assistant",
      parent_tool_use_id: null,
      message: { id: `msg_${turnId}_${String(content.type)}`, content: [content] },
    },
  });
  const result = { type: "tool_result", tool_use_id: `toolu_${turnId}`, content: `ok ${turn}\n`.repeat(40) };
  const usage = { inputTokens: 10, outputTokens: 20, cacheReadTokens: 0, cacheWriteTokens: 0 };
  return [
    {
      kind: "user-message",
      messageId,
      text: `Question ${turn}: what about the parser?`,
      attachments: [],
      by,
    },
    { kind: "turn-started", turnId, messageId },
    said({ type: "thinking", thinking: `First I should look at part ${turn}.` }),
    said({
      type: "tool_use",
      id: `toolu_${turnId}`,
      name: "Bash",
      input: { command: `npm test -- part-${turn}`, description: `Run the tests of part ${turn}` },
    }),
    {
      kind: "sdk",
      turnId,
      message: { type: "user", parent_tool_use_id: null, message: { content: [result] } },
    },
    said({ type: "text", text: answer(turn) }),
    { kind: "sdk", turnId, message: { type: "system", subtype: "status", status: null } },
    { kind: "turn-ended", turnId, outcome: "completed", durationMs: 1000, costUsd: 0.01, usage },
  ];
}

/** Writes a conversation of so many events into the database, as the recorder would have over weeks. */
export async function writeConversation(
  product: Product,
  session: Session,
  title: string,
  count: number,
): Promise<void> {
  const db = await product.database();
  const events = Array.from({ length: Math.ceil(count / 8) }, (_, turn) =>
    turnOf(turn + 1, session.owner),
  ).flat();
  const conversation = await db.conversation.create({
    data: { id: randomUUID(), sessionId: session.id, title, lastSeq: events.length },
  });
  const now = Date.now() - events.length * 1000;
  for (let from = 0; from < events.length; from += 1000) {
    await db.conversationEvent.createMany({
      data: events.slice(from, from + 1000).map((event, index) => ({
        conversationId: conversation.id,
        sessionId: session.id,
        seq: from + index + 1,
        at: new Date(now + (from + index) * 1000),
        kind: event.kind,
        event: event as object,
      })),
    });
  }
}
