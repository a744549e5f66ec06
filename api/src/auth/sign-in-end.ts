import { signInIdleSeconds } from "@remote-claude/protocol";
import type { Context } from "../context.ts";

/** When a sign-in ends that is used now: after a while without use, and at last however much it is used. */
export function signInEnd({ config }: Context, createdAt: Date, now: Date): Date {
  const idle = now.getTime() + signInIdleSeconds * 1000;
  return new Date(Math.min(idle, createdAt.getTime() + config.signIn.maxMs));
}
