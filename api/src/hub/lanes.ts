import type { CommandDefinition } from "@remote-claude/protocol";

/**
 * Commands of one connection that must keep their order: those of one terminal, one conversation, the files. A
 * prompt that waits for the database must not be overtaken by the interrupt behind it, nor one keystroke by the
 * next; a keystroke need not wait for a prompt.
 */
export function laneOf(definition: CommandDefinition, sessionId: string, payload: unknown): string {
  const area = definition.type.slice(0, definition.type.indexOf("."));
  const { conversationId, terminalId } = (payload ?? {}) as Record<string, unknown>;
  const subject = conversationId ?? terminalId;
  return `${sessionId} ${area} ${typeof subject === "string" ? subject.slice(0, 36) : ""}`;
}

/** Lines in which steps are taken one after the other; each line is there only while something waits in it. */
export class Lanes {
  private readonly last = new Map<string, Promise<unknown>>();

  /** Takes the step when the one before it in this lane is done, at once if there is none. */
  run<T>(lane: string, step: () => Promise<T>): Promise<T> {
    const before = this.last.get(lane);
    const own = before === undefined ? step() : before.then(step);
    const settled: Promise<void> = own.then(
      () => this.leave(lane, settled),
      () => this.leave(lane, settled),
    );
    this.last.set(lane, settled);
    return own;
  }

  private leave(lane: string, settled: Promise<unknown>): void {
    if (this.last.get(lane) === settled) this.last.delete(lane);
  }
}
