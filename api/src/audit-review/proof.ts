import type { Db } from "@remote-claude/prisma";
import type { AuditProof } from "@remote-claude/protocol";
import { proofOf } from "../seals/index.ts";
import { getEntry } from "./list.ts";

/** What proves that the entry is in the record; null: it is not sealed yet. `not_found` where there is none. */
export async function proveEntry(db: Db, auditId: string): Promise<AuditProof | null> {
  await getEntry(db, auditId);
  const proof = await proofOf(db, auditId);
  if (proof === null) return null;
  const { line, index, size, path, seal, header, publicKey } = proof;
  return {
    line,
    index,
    size,
    path: path.map((hash) => hash.toString("hex")),
    seal: {
      number: seal.number.toString(),
      header,
      hash: seal.hash.toString("hex"),
      signature: seal.signature.toString("base64"),
      keyId: seal.keyId,
      publicKey: publicKey.toString("base64"),
    },
  };
}
