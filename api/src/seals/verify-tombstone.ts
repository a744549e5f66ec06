import { isSignedBy } from "../lib/seal-keys.ts";
import { tombstoneText } from "./canonical.ts";
import type { Seal } from "./seal-store.ts";
import type { Walk } from "./walk.ts";

/** Whether retention removed the batch, and says so by a tombstone that is signed. */
export async function verifyTombstone({ db, keys, report }: Walk, seal: Seal): Promise<boolean> {
  const stone = await db.auditTombstone.findUnique({ where: { sealId: seal.id } });
  if (stone === null) return false;
  const key = keys.find(stone.keyId);
  const text = tombstoneText({ ...stone, sealHash: seal.hash });
  if (key === null || !isSignedBy(key, text, stone.signature)) {
    report({
      kind: "tombstone-wrong",
      seal: seal.number.toString(),
      row: null,
      message: `The rows of seal ${seal.number} were removed, and the tombstone that stands for them is not signed by a trusted key.`,
    });
  }
  return true;
}
