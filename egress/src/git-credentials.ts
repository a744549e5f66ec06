import { CannotOpen, gitSecretOf, type Sealer } from "@remote-claude/prisma/sealing";
import type { Logger } from "pino";
import type { EgressStore } from "./store.ts";

/** What a person stored for a git host, opened. It goes into a request to that host and nowhere else. */
export interface GitCredential {
  readonly username: string;
  readonly password: string;
}

/** A credential that is there and cannot be opened: of a key that is gone, or a row that was tampered with. */
export class UnusableCredential extends Error {
  override name = "UnusableCredential";
}

export interface GitCredentials {
  /**
   * Of this person for this host, as it stands in the database at this moment; null: none. Throws UnusableCredential,
   * or what the database says while it is away.
   */
  find(userId: string, host: string): Promise<GitCredential | null>;
}

/** How exact "last used" is. */
const noteEveryMs = 60_000;

export function createGitCredentials({
  store,
  sealer,
  log,
}: {
  readonly store: EgressStore;
  readonly sealer: Sealer;
  readonly log: Logger;
}): GitCredentials {
  return {
    async find(userId, host) {
      const row = await store.findGitCredential(userId, host);
      if (row === null) return null;
      let password: string;
      try {
        password = sealer.open({ bytes: row.secret, keyId: row.keyId }, gitSecretOf(userId, host));
      } catch (error) {
        if (!(error instanceof CannotOpen)) throw error;
        log.error({ err: error, credentialId: row.id, keyId: row.keyId }, "a git credential does not open");
        throw new UnusableCredential("the credential does not open", { cause: error });
      }
      const now = new Date();
      if (row.lastUsedAt === null || now.getTime() - row.lastUsedAt.getTime() > noteEveryMs) {
        store
          .noteGitCredentialUse(row.id, now)
          .catch((error: unknown) => log.warn({ err: error }, "the use of a git credential was not noted"));
      }
      return { username: row.username, password };
    },
  };
}

export function basicAuthorization({ username, password }: GitCredential): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
