import type { PresentPerson } from "@remote-claude/protocol";
import type { Context } from "../context.ts";
import { sessionOfRoom, sessionRoom } from "./rooms.ts";
import type { SocketServer } from "./types.ts";

/** A page that is loaded again leaves and comes back: those few who see it need not flicker. */
const settleMs = 150;

/**
 * Who looks into which session: whoever's connection is in the session's room, here or at another api. It is told to
 * the room when somebody comes or goes. Nothing of it is kept beyond the connections themselves.
 */
export class Presence {
  readonly #io: SocketServer;
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  #context: Context | null = null;

  constructor(io: SocketServer) {
    this.#io = io;
  }

  /** Follows who comes and goes. Returns the end of it. */
  start(context: Context): () => void {
    this.#context = context;
    const { adapter } = this.#io.sockets;
    const moved = (room: string) => {
      const sessionId = sessionOfRoom(room);
      if (sessionId !== null) this.#soon(sessionId);
    };
    adapter.on("join-room", moved);
    adapter.on("leave-room", moved);
    const ignore = context.replicas.onPresenceChange((sessionId) => void this.#tell(context, sessionId));
    return () => {
      this.#context = null;
      adapter.off("join-room", moved);
      adapter.off("leave-room", moved);
      ignore();
      for (const timer of this.#waiting.values()) clearTimeout(timer);
    };
  }

  /** Somebody's role is another now. */
  refresh(sessionId: string): void {
    this.#soon(sessionId);
  }

  #soon(sessionId: string): void {
    if (this.#waiting.has(sessionId)) return;
    const timer = setTimeout(() => {
      this.#waiting.delete(sessionId);
      const context = this.#context;
      if (context === null) return;
      context.replicas.sharePresence(sessionId, this.#here(sessionId));
      void this.#tell(context, sessionId);
    }, settleMs);
    this.#waiting.set(sessionId, timer);
  }

  /** Each person once, however many pages they have open. */
  #here(sessionId: string): PresentPerson[] {
    const people = new Map<string, PresentPerson>();
    for (const id of this.#io.sockets.adapter.rooms.get(sessionRoom(sessionId)) ?? []) {
      const data = this.#io.sockets.sockets.get(id)?.data;
      const role = data?.roles.get(sessionId);
      if (data === undefined || role === undefined) continue;
      const { id: userId, name } = data.principal;
      people.set(userId, { id: userId, name, role });
    }
    return [...people.values()];
  }

  async #tell(context: Context, sessionId: string): Promise<void> {
    if (!this.#io.sockets.adapter.rooms.has(sessionRoom(sessionId))) return;
    const elsewhere = await context.replicas.presentElsewhere(sessionId);
    const all = new Map([...elsewhere, ...this.#here(sessionId)].map((person) => [person.id, person]));
    const people = [...all.values()].sort((a, b) => a.name.localeCompare(b.name));
    // To this api's own browsers: the others tell theirs.
    this.#io.to(sessionRoom(sessionId)).emit("event", "session.presence", sessionId, { people });
  }
}
