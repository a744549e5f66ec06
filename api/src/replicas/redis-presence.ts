import type { PresentPerson } from "@remote-claude/protocol";
import type { Redis } from "ioredis";
import { Presence, parseJson, type Replicas } from "./replicas.ts";

export const presenceChannel = "remote-claude:presence";
const key = (sessionId: string) => `remote-claude:presence:${sessionId}`;
/** An api that is gone is taken for present no longer than this. */
const goodForMs = 30_000;
const usuallyRenewedMs = 10_000;

type Shared = Pick<Replicas, "sharePresence" | "presentElsewhere" | "onPresenceChange"> & {
  /** Another api (or this one) says that a session's changed. */
  heard(sessionId: string): void;
  close(): void;
};

/** Whom an api's list names; null for one that is too old, or none. */
function peopleIn(text: string): PresentPerson[] | null {
  const found = Presence.safeParse(parseJson(text));
  return found.success && Date.now() - found.data.at < goodForMs ? found.data.people : null;
}

/**
 * Who looks into which session, in Redis: a hash for each session with a field for each api, which that api renews.
 * A list that nobody renews is left out by its age, and goes with the whole hash at last.
 */
export function redisPresence(
  redis: Redis,
  self: string,
  quietly: (work: Promise<unknown>, what: string) => void,
  renewedEveryMs = usuallyRenewedMs,
): Shared {
  const own = new Map<string, readonly PresentPerson[]>();
  const listeners = new Set<(sessionId: string) => void>();
  const write = (sessionId: string, people: readonly PresentPerson[]) => {
    const field = JSON.stringify({ at: Date.now(), people });
    return redis.multi().hset(key(sessionId), self, field).pexpire(key(sessionId), goodForMs).exec();
  };
  const say = (sessionId: string) => redis.publish(presenceChannel, sessionId);
  /** Nobody else says that the people of an api that crashed are gone: whoever finds its list too old does, once. */
  const forgetGone = async (sessionId: string) => {
    const fields = Object.entries(await redis.hgetall(key(sessionId)));
    const gone = fields.flatMap(([api, text]) => (api === self || peopleIn(text) !== null ? [] : [api]));
    if (gone.length > 0 && (await redis.hdel(key(sessionId), ...gone)) > 0) await say(sessionId);
  };
  const timer = setInterval(() => {
    for (const [sessionId, people] of own) {
      quietly(
        write(sessionId, people).then(() => forgetGone(sessionId)),
        "presence not renewed",
      );
    }
  }, renewedEveryMs);
  timer.unref();
  return {
    sharePresence(sessionId, people) {
      const work = people.length > 0 ? write(sessionId, people) : redis.hdel(key(sessionId), self);
      if (people.length > 0) own.set(sessionId, people);
      else own.delete(sessionId);
      quietly(
        work.then(() => say(sessionId)),
        "presence not shared",
      );
    },
    async presentElsewhere(sessionId) {
      const fields = await redis.hgetall(key(sessionId)).catch((): Record<string, string> => ({}));
      return Object.entries(fields).flatMap(([api, text]) => {
        return api === self ? [] : (peopleIn(text) ?? []);
      });
    },
    onPresenceChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    heard(sessionId) {
      for (const listener of listeners) listener(sessionId);
    },
    close() {
      clearInterval(timer);
      for (const sessionId of own.keys()) {
        const gone = redis.multi().hdel(key(sessionId), self).publish(presenceChannel, sessionId).exec();
        quietly(gone, "presence still there");
      }
    },
  };
}
