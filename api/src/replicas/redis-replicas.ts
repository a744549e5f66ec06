import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import type { Logger } from "pino";
import { z } from "zod";
import type { Broadcaster } from "./broadcaster.ts";
import { presenceChannel, redisPresence } from "./redis-presence.ts";
import { redisRateLimiter } from "./redis-rate-limiter.ts";
import { Broadcast, parseJson, type Replicas, repeat } from "./replicas.ts";

const channel = "remote-claude:broadcast";
const busyKey = (sessionId: string) => `remote-claude:busy:${sessionId}`;
/** An api that is gone is taken for busy no longer than this. */
const busyForMs = 30_000;
const busyRenewedEveryMs = 10_000;

const Envelope = z.object({ from: z.string(), message: Broadcast });

/**
 * By Redis: publish and subscribe for what browsers are told, a key that expires for who is at work on what. While
 * Redis is away each api serves its own browsers; access is looked after in the database anyhow.
 */
export function redisReplicas(url: string, log: Logger): Replicas {
  const self = randomUUID();
  const connect = (commandTimeout?: number) => {
    const redis = new Redis(url, {
      maxRetriesPerRequest: 1,
      retryStrategy: (attempt) => Math.min(attempt * 100, 2000),
      ...(commandTimeout === undefined ? {} : { commandTimeout }),
    });
    redis.on("error", (error) => log.warn({ err: error }, "Redis does not answer"));
    return redis;
  };
  const commands = connect(2000);
  const subscriber = connect();
  const quietly = (work: Promise<unknown>, what: string) => {
    work.catch((error: unknown) => log.warn({ err: error }, what));
  };
  let local: Broadcaster | null = null;
  const listeners = new Set<(sessionId: string) => void>();

  const { heard, close: closePresence, ...presence } = redisPresence(commands, self, quietly);

  subscriber.on("message", (from: string, text: string) => {
    if (from === presenceChannel) heard(text);
    else hear(text);
  });
  const hear = (text: string) => {
    const parsed = Envelope.safeParse(parseJson(text));
    if (!parsed.success)
      return log.warn({ err: parsed.error }, "another api says what this one does not know");
    const { from, message } = parsed.data;
    if (from === self || local === null) return;
    repeat(local, message);
    if (
      message.call === "disconnect" ||
      message.call === "accessChanged" ||
      !message.type.startsWith("session.")
    )
      return;
    const { sessionId } = message;
    if (sessionId !== null) for (const listener of listeners) listener(sessionId);
  };
  quietly(subscriber.subscribe(channel, presenceChannel), "not subscribed to the other apis");

  const publish = (message: Broadcast) =>
    quietly(
      commands.publish(channel, JSON.stringify({ from: self, message })),
      "the other apis were not told",
    );

  return {
    share(own) {
      local = own;
      return {
        toSession(type, sessionId, payload) {
          own.toSession(type, sessionId, payload);
          publish({ call: "toSession", type, sessionId, payload });
        },
        toUsers(type, userIds, sessionId, payload) {
          own.toUsers(type, userIds, sessionId, payload);
          publish({ call: "toUsers", type, userIds: [...userIds], sessionId, payload });
        },
        accessChanged(userId, sessionId, role) {
          own.accessChanged(userId, sessionId, role);
          publish({ call: "accessChanged", userId, sessionId, role });
        },
        disconnect(who, reason) {
          own.disconnect(who, reason);
          publish({ call: "disconnect", who, reason });
        },
      };
    },
    onSessionChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    markBusy(sessionId) {
      const mark = () => quietly(commands.set(busyKey(sessionId), self, "PX", busyForMs), "work not marked");
      mark();
      const timer = setInterval(mark, busyRenewedEveryMs);
      timer.unref();
      return () => {
        clearInterval(timer);
        quietly(commands.del(busyKey(sessionId)), "work still marked");
      };
    },
    async isBusyElsewhere(sessionId) {
      try {
        const holder = await commands.get(busyKey(sessionId));
        return holder !== null && holder !== self;
      } catch (error) {
        log.warn({ err: error, sessionId }, "who is at work on a session is not known");
        return true;
      }
    },
    ...presence,
    shareLimits: (own) => redisRateLimiter(commands, own, log),
    async close() {
      closePresence();
      subscriber.disconnect();
      await commands.quit().catch(() => commands.disconnect());
    },
  };
}
