import type { IncomingMessage } from "node:http";
import { CannotOpen, type Sealer } from "@remote-claude/prisma/sealing";
import {
  type GitCredentialTest,
  GitCredentialTicket,
  gitCredentialTicketSeal,
  InternalGitCredentialTest,
} from "@remote-claude/protocol";
import type { TestGitCredential } from "./git-credential-test.ts";

const maxBodyBytes = 16 * 1024;

export interface GitTestDoor {
  readonly sealer: Sealer;
  readonly testGitCredential: TestGitCredential;
}

/** Tests what a ticket names, or says with a status why not. Whoever holds the key asks, and that is the api alone. */
export async function testByTicket(
  { sealer, testGitCredential }: GitTestDoor,
  request: IncomingMessage,
): Promise<GitCredentialTest | 400 | 403> {
  const asked = InternalGitCredentialTest.safeParse(await readJson(request));
  if (!asked.success) return 400;
  try {
    const sealed = { bytes: Buffer.from(asked.data.ticket, "base64url"), keyId: asked.data.keyId };
    const ticket = GitCredentialTicket.parse(JSON.parse(sealer.open(sealed, gitCredentialTicketSeal)));
    return Date.parse(ticket.expiresAt) < Date.now() ? 403 : await testGitCredential(ticket);
  } catch (error) {
    if (error instanceof CannotOpen) return 403;
    throw error;
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length > maxBodyBytes) return null;
    chunks.push(chunk as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    return null;
  }
}
