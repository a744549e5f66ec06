import { AppError, type RouteName } from "@remote-claude/protocol";
import type { Context, Principal } from "../context.ts";
import { perContext } from "../lib/per-context.ts";
import { createMemoryRateLimiter, type Rate } from "../lib/rate-limit.ts";

const minute = 60_000;
const perMinute = (capacity: number): Rate => ({ capacity, windowMs: minute });
const perTenMinutes = (capacity: number): Rate => ({ capacity, windowMs: 10 * minute });

/**
 * What one person may ask of routes that cost much, or that tell whether something exists: far more than people and
 * their scripts do, and less than would be felt by the others. Signing in has limits of its own (auth/guard.ts).
 */
export const routeLimits: Partial<Record<RouteName, Rate>> = {
  createSession: perTenMinutes(100),
  executeCommand: perMinute(600),
  chatWithClaude: perMinute(120),
  createTask: perMinute(120),
  uploadFiles: perMinute(300),
  createToken: perTenMinutes(150),
  addMember: perTenMinutes(60),
  createShareLink: perTenMinutes(100),
  lookAtShareLink: perTenMinutes(60),
  acceptShareLink: perTenMinutes(60),
  createInvitation: perTenMinutes(200),
  exportSpend: perMinute(20),
  listAudit: perMinute(600),
  countAudit: perMinute(120),
  exportAuditTable: perMinute(10),
  exportAuditLines: perMinute(10),
  exportAuditBundle: perMinute(10),
  startVerification: perMinute(10),
  getAuditStory: perMinute(300),
  searchConversations: perMinute(240),
  exportConversation: perMinute(60),
  downloadRecording: perMinute(60),
  testSignInProvider: perMinute(20),
};

/** The same for commands of the socket. */
export const commandLimits: Readonly<Record<string, Rate>> = {
  "workspace.execute": perMinute(600),
  "file.search": perMinute(240),
  "file.find": perMinute(600),
  "chat.create": perMinute(120),
  "conversation.fork": perMinute(60),
  "conversation.save-draft": perMinute(600),
};

const limiterOf = perContext((context) =>
  context.replicas.shareLimits(createMemoryRateLimiter(context.clock)),
);

/** Takes one of what the person may ask of `what`, or refuses and says when there is more. */
export async function assertWithinLimit(
  context: Context,
  { id }: Pick<Principal, "id">,
  what: string,
  rate: Rate | undefined,
): Promise<void> {
  if (rate === undefined) return;
  const decision = await limiterOf(context).take(`${what} ${id}`, rate);
  if (decision.ok) return;
  const { retryAfterSeconds } = decision;
  throw new AppError("rate_limited", `That is too often. Try again in ${retryAfterSeconds} seconds.`, {
    details: { retryAfterSeconds },
  });
}
