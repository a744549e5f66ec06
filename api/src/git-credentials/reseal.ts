import { gitSecretOf } from "@remote-claude/prisma/sealing";
import type { Context } from "../context.ts";
import { sealerOf } from "./sealer.ts";

/**
 * Seals under the newest key what older ones sealed, so that those can be taken out of the ring afterwards. One that
 * does not open stays as it is: egress tells its owner when it is needed. Answers how many it sealed anew.
 */
export async function resealGitCredentials(context: Context): Promise<number> {
  const sealer = sealerOf(context);
  const rows = await context.db.gitCredential.findMany({
    where: { keyId: { not: sealer.keyId } },
    select: { id: true, userId: true, host: true, secret: true, keyId: true },
  });
  let sealed = 0;
  for (const { id, userId, host, secret, keyId } of rows) {
    try {
      const owner = gitSecretOf(userId, host);
      const fresh = sealer.seal(sealer.open({ bytes: secret, keyId }, owner), owner);
      // Only over the very bytes that were read: its owner may be storing another at this moment.
      const { count } = await context.db.gitCredential.updateMany({
        where: { id, keyId, secret },
        data: { secret: new Uint8Array(fresh.bytes), keyId: fresh.keyId },
      });
      sealed += count;
    } catch (error) {
      context.log.warn({ err: error, credentialId: id, keyId }, "a git credential was not sealed anew");
    }
  }
  if (sealed > 0) context.log.info({ sealed, keyId: sealer.keyId }, "git credentials sealed anew");
  return sealed;
}
