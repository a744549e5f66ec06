import type { AuditFilter } from "@remote-claude/protocol";
import type { Context, Principal } from "../../context.ts";
import { headerText, lastSeal, lineOf, type Seal, sealsFrom } from "../../seals/index.ts";
import { type Count, rowsOf } from "../export-rows.ts";
import { Places } from "./places.ts";
import { readme } from "./readme.ts";
import { Parts, TarFolder } from "./tar.ts";
import { verifyScript } from "./verify-script.ts";

/** What the manifest's signature is of begins with this, so that it passes for nothing else that the key signs. */
const manifestKind = "remote-claude audit export\n";

/**
 * The rows that fit as a tar file that proves itself: of other rows it holds hashes alone. The seals up to the newest
 * of this moment are what rows are proven by; rows that are in none yet stand apart.
 */
export async function* bundleOf(
  context: Context,
  principal: Principal,
  { name, filter, count }: { name: string; filter: AuditFilter; count: Count },
): AsyncGenerator<Buffer> {
  const { db, clock } = context;
  const now = clock.now();
  const newest = await lastSeal(db);
  const tar = new TarFolder(name, now);
  yield tar.file("README.txt", readme);
  yield tar.file("verify.mjs", verifyScript);
  yield tar.file("keys.json", await keysText(context));
  yield* chain(context, tar, newest);
  const sums = { rows: 0, unsealed: 0 };
  const parts = { rows: new Parts(tar, "rows"), unsealed: new Parts(tar, "unsealed") };
  const places = new Places(db, newest?.number ?? 0n);
  for await (const page of rowsOf(db, filter)) {
    count(page.length);
    const found = await places.of(page.map(({ id }) => id));
    for (const row of page) {
      const place = found.get(row.id);
      const line = lineOf(row);
      sums[place === undefined ? "unsealed" : "rows"] += 1;
      yield* place === undefined
        ? parts.unsealed.add(line)
        : parts.rows.add(JSON.stringify({ ...place, line }));
    }
  }
  yield* parts.rows.rest();
  yield* parts.unsealed.rest();
  yield* await manifest(context, tar, {
    exportedAt: now.toISOString(),
    by: principal.email,
    filter,
    ...sums,
    newest: newest && { number: newest.number.toString(), hash: newest.hash.toString("hex") },
  });
  yield tar.end();
}

async function keysText({ db }: Context): Promise<string> {
  const keys = await db.auditKey.findMany({ orderBy: [{ createdAt: "asc" }, { id: "asc" }] });
  const base64 = (bytes: Uint8Array | null) => bytes && Buffer.from(bytes).toString("base64");
  const shown = keys.map(({ id, publicKey, endorsedBy, endorsement }) => ({
    id,
    publicKey: base64(publicKey),
    endorsedBy,
    endorsement: base64(endorsement),
  }));
  return `${JSON.stringify(shown, null, 2)}\n`;
}

async function* chain({ db }: Context, tar: TarFolder, newest: Seal | null): AsyncGenerator<Buffer> {
  const parts = new Parts(tar, "seals");
  if (newest === null) return;
  for await (const seal of sealsFrom(db, 1n)) {
    if (seal.number > newest.number) break;
    const [hash, signature] = [seal.hash.toString("hex"), seal.signature.toString("base64")];
    yield* parts.add(JSON.stringify({ header: headerText(seal), hash, signature }));
  }
  yield* parts.rest();
}

/** What was exported, signed where a key of ours has sealed already: that no file was left out or changed since. */
async function manifest(
  { db, config }: Context,
  tar: TarFolder,
  about: Record<string, unknown>,
): Promise<Buffer[]> {
  const { sealKeys } = config.audit;
  const known = await db.auditKey.findMany({ select: { id: true } });
  const key = sealKeys.find(({ id }) => known.some((one) => one.id === id));
  const text = `${JSON.stringify({ version: 1, ...about, keyId: key?.id ?? null, files: tar.digests }, null, 2)}\n`;
  const file = tar.file("manifest.json", text);
  if (key === undefined) return [file];
  return [file, tar.file("manifest.sig", `${key.sign(manifestKind + text).toString("base64")}\n`)];
}
