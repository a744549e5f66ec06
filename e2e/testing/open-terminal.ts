import { randomUUID } from "node:crypto";
import type { Live } from "./client.ts";
import { TerminalReader } from "./terminal-reader.ts";

export type OpenTerminal = TerminalReader & { type(text: string): Promise<void> };

/** A new terminal of the session, being read and ready to be typed into. */
export async function openTerminal(live: Live, sessionId: string): Promise<OpenTerminal> {
  const { terminal } = await live.command("terminal.create", sessionId, { cols: 120, rows: 30 });
  const { terminalId } = terminal;
  const writer = randomUUID();
  let sequence = 0;
  const reader = Object.assign(new TerminalReader(live, sessionId, terminalId), {
    async type(data: string) {
      sequence += 1;
      await live.command("terminal.input", sessionId, { terminalId, writer, sequence, data });
    },
  });
  await reader.attach();
  return reader;
}
