import {
  AppError,
  GitCredentialTest,
  type GitCredentialTicket,
  gitCredentialTicketSeal,
  type InternalGitCredentialTest,
} from "@remote-claude/protocol";
import { request } from "undici";
import type { Context } from "../context.ts";
import { sealerOf } from "./sealer.ts";

/** egress asks the host up to three times, ten seconds each. */
const askMs = 40_000;
const ticketMs = 60_000;

/** Has egress try the stored credential. What proves that it is us who ask is the seal of the ticket. */
export async function askEgressToTest(
  context: Context,
  asked: Omit<GitCredentialTicket, "expiresAt">,
): Promise<GitCredentialTest> {
  const expiresAt = new Date(Date.now() + ticketMs).toISOString();
  const ticket: GitCredentialTicket = { ...asked, expiresAt };
  const { bytes, keyId } = sealerOf(context).seal(JSON.stringify(ticket), gitCredentialTicketSeal);
  const body: InternalGitCredentialTest = { keyId, ticket: Buffer.from(bytes).toString("base64url") };
  try {
    const answer = await request(new URL("/git-credentials/test", context.config.egressUrl), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(askMs),
    });
    const reply: unknown = await answer.body.json();
    if (answer.statusCode !== 200) throw new Error(`egress answered ${answer.statusCode}`);
    return GitCredentialTest.parse(reply);
  } catch (error) {
    context.log.warn({ err: error }, "a git credential could not be tested");
    throw new AppError(
      "unavailable",
      "The host could not be asked: egress does not answer. Try again in a moment.",
      { cause: error },
    );
  }
}
