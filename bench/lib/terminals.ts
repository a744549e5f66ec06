import { randomUUID } from "node:crypto";
import type { Live } from "../../e2e/testing/client.ts";

/** A terminal at the end of a connection, ours or the floor's: what the same measurements are taken of. */
export interface BenchTerminal {
  type(data: string): void;
  /** Replaces the listener that was there. */
  read(listener: (data: Buffer) => void): void;
  /** The whole output of the command that `type` starts, until `end` is seen. */
  close(): void;
}

/** The answer to a key, which the page takes by itself too: no promise with a timeout around each. */
interface TypedAnswer {
  readonly ok: boolean;
  readonly error?: { readonly message: string };
}

const acknowledgeBytes = 64 * 1024;

/** A terminal of the product, read and acknowledged as the page does it. */
export async function openProductTerminal(
  live: Live,
  sessionId: string,
): Promise<BenchTerminal & { terminalId: string }> {
  const { terminal } = await live.command("terminal.create", sessionId, { cols: 120, rows: 30 });
  const { terminalId } = terminal;
  const writer = randomUUID();
  let listener: (data: Buffer) => void = () => undefined;
  let sequence = 0;
  let offset = 0;
  let acknowledged = 0;
  live.on("terminal.output", (output) => {
    if (output.terminalId !== terminalId) return;
    if (output.offset !== offset) throw new Error(`output at ${output.offset} where ${offset} was due`);
    offset += output.data.length;
    if (offset - acknowledged >= acknowledgeBytes) {
      acknowledged = offset;
      live.command("terminal.acknowledge", sessionId, { terminalId, offset }).catch(() => undefined);
    }
    listener(Buffer.from(output.data));
  });
  await live.command("terminal.attach", sessionId, { terminalId, after: 0 });
  return {
    terminalId,
    type(data) {
      sequence += 1;
      const payload = { terminalId, writer, sequence, data };
      live.socket.emit("command", "terminal.input", sessionId, payload, ({ ok, error }: TypedAnswer) => {
        if (!ok) throw new Error(error?.message);
      });
    },
    read(next) {
      listener = next;
    },
    close: () => void live.command("terminal.close", sessionId, { terminalId }).catch(() => undefined),
  };
}

/** Resolves with all output up to the first `end`. Looks only at what is new, so that floods stay cheap. */
export function outputUntil(terminal: BenchTerminal, end: string, withinMs = 120_000): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let tail = Buffer.alloc(0);
    const timer = setTimeout(() => reject(new Error(`no ${end}; last: ${tail}`)), withinMs);
    terminal.read((data) => {
      chunks.push(data);
      length += data.length;
      const found =
        Buffer.concat([tail, data.subarray(0, end.length)]).indexOf(end) >= 0 || data.includes(end);
      tail = Buffer.concat([tail, data.subarray(-end.length)]).subarray(-end.length);
      if (!found) return;
      clearTimeout(timer);
      terminal.read(() => undefined);
      const whole = Buffer.concat(chunks, length);
      resolve(
        whole.subarray(0, whole.indexOf(end, Math.max(0, length - data.length - end.length)) + end.length),
      );
    });
  });
}

export const prompt = "bench> ";

/** Gives both sides the same shell with the same prompt. */
export async function prepareShell(terminal: BenchTerminal): Promise<void> {
  const ready = outputUntil(terminal, prompt);
  // Quoted, so that the line's own echo is not taken for the prompt.
  terminal.type("PS1='$ ' PROMPT_COMMAND= exec bash --norc --noprofile\r");
  terminal.type("PROMPT_COMMAND=; bind 'set enable-bracketed-paste off'; PS1='ben''ch> '\r");
  await ready;
}
