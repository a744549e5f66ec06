import { createHash, timingSafeEqual } from "node:crypto";
import { AppError } from "@remote-claude/protocol";
import type { RequestHandler } from "express";

const digest = (text: string) => createHash("sha256").update(text).digest();

/** Lets only those through who know the secret; the time it takes says nothing about how close a guess was. */
export function authenticate(secret: string): RequestHandler {
  const expected = digest(`Bearer ${secret}`);
  return (request, _response, next) => {
    const given = digest(request.headers.authorization ?? "");
    if (!timingSafeEqual(given, expected)) {
      throw new AppError("unauthenticated", "session-manager answers only those who know its secret");
    }
    next();
  };
}
