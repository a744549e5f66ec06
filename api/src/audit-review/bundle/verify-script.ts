/**
 * The script in every bundle, for whoever has nothing but Node and no reason to trust us: short enough to be read, and
 * so with no part of ours imported. It is text, because what is bundled for production must not lose a file; hence no
 * backticks in it.
 */
export const verifyScript = String.raw`// Checks an export of the audit record: node verify.mjs [--trust <fingerprint> …]
// Ends with 0: all fits, 1: something does not, 2: it could not be checked.
import { createHash, createPublicKey, verify } from "node:crypto";
import { createReadStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
const words = process.argv.slice(2);
if (words.length % 2 === 1 || words.some((word, at) => (at % 2 === 0 ? word !== "--trust" : !/^[0-9a-f]{64}$/.test(word)))) {
  console.log("✗ Usage: node verify.mjs [--trust <fingerprint> …]");
  process.exit(2);
}
const trust = words.filter((_, at) => at % 2 === 1);
let problems = 0;
function wrong(text) {
  problems += 1;
  if (problems <= 50) console.log("✗ " + text);
}
function sha256(...parts) {
  return parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
}
function isSigned(publicKey, text, signature) {
  try {
    const key = createPublicKey({ key: publicKey, format: "der", type: "spki" });
    return verify(null, Buffer.from(text), key, Buffer.from(signature, "base64"));
  } catch {
    return false;
  }
}
function filesOf(kind) {
  const at = join(folder, kind);
  return existsSync(at) ? readdirSync(at).sort().map((name) => kind + "/" + name) : [];
}
// Apart by "\n" alone: other signs that end a line elsewhere stand in JSON as they are.
async function* textsOf(path) {
  let rest = "";
  for await (const piece of createReadStream(path, "utf8")) {
    const texts = (rest + piece).split("\n");
    rest = texts.pop();
    yield* texts;
  }
  if (rest !== "") yield rest;
}
// Every line of the files of one kind, with where it stands.
async function* linesOf(kind) {
  for (const file of filesOf(kind)) {
    let number = 0;
    for await (const text of textsOf(join(folder, file))) {
      number += 1;
      const where = file + ", line " + number;
      try {
        yield { where, value: JSON.parse(text) };
      } catch {
        wrong(where + " is not JSON: it was changed.");
      }
    }
  }
}

// The keys: the first one, or those that --trust names, and whom a trusted one vouches for.
const keys = new Map();
function readKeys() {
  for (const [index, { id, publicKey, endorsedBy, endorsement }] of JSON.parse(
    readFileSync(join(folder, "keys.json"), "utf8"),
  ).entries()) {
    const der = Buffer.from(String(publicKey), "base64");
    if (sha256(der).toString("hex") !== id) {
      wrong("Key " + id + " was changed: this is not its fingerprint.");
      continue;
    }
    const voucher = keys.get(endorsedBy);
    const vouched = voucher !== undefined && isSigned(voucher, "remote-claude audit key " + id, String(endorsement));
    if ((index === 0 && trust.length === 0) || trust.includes(id) || vouched) keys.set(id, der);
    else wrong("Key " + id + " is not trusted: no trusted key vouches for it.");
  }
}

// The chain: each seal is what was hashed and signed, and follows the one before.
const seals = new Map();
let newest = { number: 0n, hash: Buffer.alloc(32).toString("hex") };
async function readSeals() {
  for await (const { where, value } of linesOf("seals")) {
    let header;
    try {
      header = JSON.parse(value.header);
      header.number = BigInt(header.number);
    } catch {
      wrong("The seal in " + where + " was changed: it cannot be read.");
      continue;
    }
    const name = "Seal " + header.number + " (" + where + ")";
    const hash = sha256(value.header).toString("hex");
    const key = keys.get(header.keyId);
    if (hash !== value.hash) wrong(name + " was changed: its hash is of something else.");
    if (key === undefined) wrong(name + " is signed with the key " + header.keyId + ", which is not trusted.");
    else if (!isSigned(key, value.header, value.signature)) wrong(name + " was changed: its signature does not fit.");
    if (header.number !== newest.number + 1n) wrong(name + " comes after seal " + newest.number + ": some are missing.");
    else if (header.previousHash !== newest.hash) wrong(name + " does not follow seal " + newest.number + " as it is here.");
    seals.set(String(header.number), { root: header.merkleRoot, size: header.rowCount });
    newest = { number: header.number, hash };
  }
}

// The root above a line, by RFC 9162, 2.1.3.2; null: the path has another length than it must.
function rootAbove(line, index, size, path) {
  let [hash, at, last] = [sha256(Buffer.of(0), line), index, size - 1];
  if (!Number.isInteger(at) || at < 0 || at > last) return null;
  for (const step of path) {
    const beside = Buffer.from(step, "hex");
    if (last === 0 || beside.length !== 32) return null;
    if (at % 2 === 1 || at === last) {
      hash = sha256(Buffer.of(1), beside, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else hash = sha256(Buffer.of(1), hash, beside);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 ? hash.toString("hex") : null;
}
function idOf(line) {
  try {
    return JSON.parse(line).id;
  } catch {
    return "(not JSON)";
  }
}
let proven = 0;
async function readRows() {
  for await (const { where, value } of linesOf("rows")) {
    const id = idOf(value.line);
    const seal = seals.get(value.seal);
    if (seal === undefined) wrong("Row " + id + " (" + where + ") is of seal " + value.seal + ", which is not here.");
    else if (rootAbove(String(value.line), value.index, seal.size, value.path ?? []) === seal.root) proven += 1;
    else wrong("Row " + id + " (" + where + ") does not lead to seal " + value.seal + ": it or its path was changed.");
  }
}

// The manifest: every file is as it was exported, and none is missing or new.
let manifest;
function readManifest() {
  const text = readFileSync(join(folder, "manifest.json"), "utf8");
  manifest = JSON.parse(text);
  const key = keys.get(manifest.keyId);
  const signature = join(folder, "manifest.sig");
  if (manifest.keyId === null && newest.number > 0n) wrong("manifest.json is not signed, although there are seals.");
  else if (manifest.keyId === null) console.log("● No seal had been made yet: nothing in here is proven.");
  else if (key === undefined) wrong("manifest.json is signed with the key " + manifest.keyId + ", which is not trusted.");
  else if (!existsSync(signature) || !isSigned(key, "remote-claude audit export\n" + text, readFileSync(signature, "utf8")))
    wrong("manifest.json was changed: its signature does not fit.");
  for (const [path, digest] of Object.entries(manifest.files)) {
    const at = join(folder, path);
    if (!existsSync(at)) wrong(path + " is missing.");
    else if (sha256(readFileSync(at)).toString("hex") !== digest) wrong(path + " is not as it was exported.");
  }
  for (const path of ["rows", "seals", "unsealed"].flatMap(filesOf))
    if (!Object.hasOwn(manifest.files, path)) wrong(path + " was not exported: it was put here afterwards.");
}

try {
  readKeys();
  await readSeals();
  await readRows();
  readManifest();
  if (problems > 50) console.log("✗ … and more.");
  console.log("● Rows that are proven: " + proven + "; rows in no seal yet, not proven by one: " + manifest.unsealed);
  for (const id of keys.keys()) console.log("  signed with " + id);
  if (newest.number > 0n) console.log("  the newest: seal " + newest.number + ", " + newest.hash);
  const good = "✓ All fits. Compare the fingerprint with the one you were given, and keep the newest seal's line.";
  const nothing = "● Nothing in here is proven: no seal had been made yet.";
  console.log(problems === 0 ? (manifest.keyId === null ? nothing : good) : "✗ This is not what was sealed and exported.");
  process.exitCode = problems > 0 ? 1 : manifest.keyId === null ? 2 : 0;
} catch (error) {
  console.log("✗ It could not be checked: " + error.message);
  process.exitCode = problems > 0 ? 1 : 2;
}
`;
