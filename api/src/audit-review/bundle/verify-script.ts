/**
 * The script in every bundle, for whoever has nothing but Node and no reason to trust us: short enough to be read at a
 * sitting, and so with no part of ours imported. What it reads whole comes in parts of a few megabytes. It is text,
 * because what is bundled for production must not lose a file; hence no backticks in it.
 */
export const verifyScript = String.raw`// Checks an export of the audit record: node verify.mjs [--trust <fingerprint> …]
// Ends with 0: all fits, 1: something does not, 2: it could not be checked.
import { createHash, createPublicKey, verify } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));
const text = (path) => readFileSync(folder + path, "utf8");
const filesOf = (kind) => (existsSync(folder + kind) ? readdirSync(folder + kind).map((name) => kind + "/" + name) : []);
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
const hex = (...parts) => sha256(...parts).toString("hex");
let problems = 0;
const wrong = (what) => ++problems <= 50 && console.log("✗ " + what);

function isSigned(der, signed, signature) {
  try {
    const key = createPublicKey({ key: der, format: "der", type: "spki" });
    return verify(null, Buffer.from(signed), key, Buffer.from(signature, "base64"));
  } catch {
    return false;
  }
}
// Every line of the files of one kind, and where it stands. They end with "\n" alone: JSON holds other ends of lines.
function* linesOf(kind, read) {
  for (const file of filesOf(kind).sort()) {
    for (const [index, line] of text(file).replace(/\n$/, "").split("\n").entries()) {
      const where = file + ", line " + (index + 1);
      try {
        yield { ...read(JSON.parse(line)), where };
      } catch {
        wrong(where + " was changed: it cannot be read.");
      }
    }
  }
}
// The keys: the first one, or those that --trust names, and whom a trusted one vouches for.
function readKeys(trust) {
  const keys = new Map();
  for (const [index, { id, publicKey, endorsedBy, endorsement }] of JSON.parse(text("keys.json")).entries()) {
    const der = Buffer.from(String(publicKey), "base64");
    const voucher = keys.get(endorsedBy);
    const vouched = voucher !== undefined && isSigned(voucher, "remote-claude audit key " + id, String(endorsement));
    if (hex(der) !== id) wrong("Key " + id + " was changed: this is not its fingerprint.");
    else if (vouched || (trust.length === 0 ? index === 0 : trust.includes(id))) keys.set(id, der);
    else wrong("Key " + id + " is not trusted: no trusted key vouches for it.");
  }
  return keys;
}
// The chain: each seal is what was hashed and signed, and follows the one before.
function readSeals(keys) {
  const seals = new Map();
  let newest = { number: 0n, hash: "0".repeat(64) };
  const read = (value) => ({ ...value, is: JSON.parse(value.header), number: BigInt(JSON.parse(value.header).number) });
  for (const { where, header, is, number, hash, signature } of linesOf("seals", read)) {
    const name = "Seal " + number + " (" + where + ")";
    const key = keys.get(is.keyId);
    if (hex(header) !== hash) wrong(name + " was changed: its hash is of something else.");
    if (key === undefined) wrong(name + " is signed with the key " + is.keyId + ", which is not trusted.");
    else if (!isSigned(key, header, signature)) wrong(name + " was changed: its signature does not fit.");
    if (number !== newest.number + 1n) wrong(name + " comes after seal " + newest.number + ": some are missing.");
    else if (is.previousHash !== newest.hash) wrong(name + " does not follow seal " + newest.number + " as it is here.");
    seals.set(String(number), is);
    newest = { number, hash: hex(header) };
  }
  return { seals, newest };
}
// The root above a line, by RFC 9162, 2.1.3.2; null: the path has another length than it must.
function rootAbove(line, index, size, path) {
  let [hash, at, last] = [sha256(Buffer.of(0), line), index, size - 1];
  if (!Number.isInteger(at) || at < 0 || at > last) return null;
  for (const beside of path.map((step) => Buffer.from(step, "hex"))) {
    if (last === 0 || beside.length !== 32) return null;
    const isRight = at % 2 === 1 || at === last;
    hash = isRight ? sha256(Buffer.of(1), beside, hash) : sha256(Buffer.of(1), hash, beside);
    if (isRight) while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 ? hash.toString("hex") : null;
}
// The rows: each leads to the root of its seal. Answers how many do.
function readRows(seals) {
  let proven = 0;
  for (const { where, id, line, seal, index, path } of linesOf("rows", (row) => ({ ...row, id: JSON.parse(row.line).id }))) {
    const { rowCount, merkleRoot } = seals.get(seal) ?? {};
    if (merkleRoot === undefined) wrong("Row " + id + " (" + where + ") is of seal " + seal + ", which is not here.");
    else if (rootAbove(line, index, rowCount, path) === merkleRoot) proven += 1;
    else wrong("Row " + id + " (" + where + ") does not lead to seal " + seal + ": it or its path was changed.");
  }
  return proven;
}
// The manifest: every file is as it was exported, and none is missing or new.
function readManifest(keys, newest) {
  const { keyId, files, unsealed } = JSON.parse(text("manifest.json"));
  const signed = "remote-claude audit export\n" + text("manifest.json");
  const signature = existsSync(folder + "manifest.sig") ? text("manifest.sig") : "";
  if (keyId === null && newest.number > 0n) wrong("manifest.json is not signed, although there are seals.");
  else if (keyId !== null && !keys.has(keyId)) wrong("manifest.json is signed with a key that is not trusted: " + keyId);
  else if (keyId !== null && !isSigned(keys.get(keyId), signed, signature)) wrong("manifest.json was changed.");
  for (const [path, digest] of Object.entries(files)) {
    if (!existsSync(folder + path)) wrong(path + " is missing.");
    else if (hex(readFileSync(folder + path)) !== digest) wrong(path + " is not as it was exported.");
  }
  for (const path of ["rows", "seals", "unsealed"].flatMap(filesOf))
    if (!Object.hasOwn(files, path)) wrong(path + " was not exported: it was put here afterwards.");
  return { keyId, unsealed };
}
try {
  const trust = process.argv.slice(2).filter((word) => word !== "--trust");
  if (process.argv.length !== 2 + 2 * trust.length || !trust.every((word) => /^[0-9a-f]{64}$/.test(word)))
    throw new Error("Usage: node verify.mjs [--trust <fingerprint> …]");
  const keys = readKeys(trust);
  const { seals, newest } = readSeals(keys);
  const proven = readRows(seals);
  const { keyId, unsealed } = readManifest(keys, newest);
  if (problems > 50) console.log("✗ … and more.");
  console.log("● Rows that are proven: " + proven + "; rows in no seal yet, not proven by one: " + unsealed);
  for (const id of keys.keys()) console.log("  signed with " + id);
  if (newest.number > 0n) console.log("  the newest: seal " + newest.number + ", " + newest.hash);
  if (problems > 0) console.log("✗ This is not what was sealed and exported.");
  else if (keyId === null) console.log("● Nothing in here is proven: no seal had been made yet.");
  else console.log("✓ All fits. Compare the fingerprint with the one you were given, and keep the newest seal's line.");
  process.exitCode = problems > 0 ? 1 : keyId === null ? 2 : 0;
} catch (error) {
  console.log("✗ It could not be checked: " + error.message);
  process.exitCode = problems > 0 ? 1 : 2;
}
`;
