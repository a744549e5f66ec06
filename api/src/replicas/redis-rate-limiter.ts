import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import type { Rate, RateDecision, RateLimiter } from "../lib/rate-limit.ts";

/** The same token bucket as in memory, by the clock of Redis; what has come back whole is forgotten. */
const bucket = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local capacity, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local known = redis.call('HMGET', KEYS[1], 'level', 'at', 'refused')
local level = tonumber(known[1]) or capacity
local gained = math.max(0, now - (tonumber(known[2]) or now)) / window * capacity
level = math.min(capacity, level + gained)
local answer
local refused = '0'
if ARGV[3] == 'give' then
  level = math.min(capacity, level + 1)
  if level >= capacity then redis.call('DEL', KEYS[1]) return {1} end
  answer = {1}
elseif level >= 1 then
  level = level - 1
  answer = {1}
else
  refused = '1'
  local wait = math.ceil((1 - level) / capacity * window / 1000)
  answer = {0, wait, known[3] == '1' and 0 or 1}
end
redis.call('HSET', KEYS[1], 'level', tostring(level), 'at', tostring(now), 'refused', refused)
redis.call('PEXPIRE', KEYS[1], window)
return answer
`;

/** No address of a person stays in Redis. */
const keyOf = (key: string) => `remote-claude:rate:${createHash("sha256").update(key).digest("base64url")}`;

/**
 * Counts for all apis together. While Redis is away each counts for itself: whoever guesses then has as many attempts
 * as there are apis, and whoever signs in is not kept out.
 */
export function redisRateLimiter(redis: Redis, own: RateLimiter, log: Logger): RateLimiter {
  const ask = (key: string, { capacity, windowMs }: Rate, what: "take" | "give") =>
    redis.eval(bucket, 1, keyOf(key), capacity, windowMs, what) as Promise<number[]>;
  return {
    async take(key, rate): Promise<RateDecision> {
      try {
        const [allowed, retryAfterSeconds = 1, first = 1] = await ask(key, rate, "take");
        return allowed === 1 ? { ok: true } : { ok: false, retryAfterSeconds, first: first === 1 };
      } catch (error) {
        log.warn({ err: error }, "Redis does not answer: attempts are counted by this api alone");
        return own.take(key, rate);
      }
    },
    async giveBack(key, rate) {
      await ask(key, rate, "give").catch(() => own.giveBack(key, rate));
    },
  };
}
