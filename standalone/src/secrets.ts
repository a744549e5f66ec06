import { generateKeyPairSync, randomBytes } from "node:crypto";
import { chmodSync, linkSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "./failure.ts";

/** What the processes prove themselves to each other with. Made once; a file each under `<data>/secrets`. */
export interface Secrets {
  readonly internalSecret: string;
  readonly managerSecret: string;
  readonly placeSecretKey: string;
  readonly apiSigningKey: string;
  /** Lines: put a new one first, and keep the one before it, so that it vouches for the new one. */
  readonly auditSealKeys: string;
  readonly databaseServicePassword: string;
  /** A line each, `id:key`: put a new one first, and keep the others while anything is sealed under them. */
  readonly gitCredentialKeys: string;
  /** The same, for recordings of terminals. */
  readonly recordingKeys: string;
}

const randomSecret = () => randomBytes(32).toString("base64url");

const ed25519 = () =>
  generateKeyPairSync("ed25519").privateKey.export({ format: "der", type: "pkcs8" }).toString("base64");

const makers: Record<keyof Secrets, () => string> = {
  internalSecret: randomSecret,
  managerSecret: randomSecret,
  placeSecretKey: randomSecret,
  apiSigningKey: ed25519,
  auditSealKeys: ed25519,
  databaseServicePassword: randomSecret,
  gitCredentialKeys: () => `k1:${randomSecret()}`,
  recordingKeys: () => `k1:${randomSecret()}`,
};

const fileName = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Reads the secrets, making those that are not there yet. Files are 0600 in a 0700 directory, whatever the umask. */
export function ensureSecrets(dataDir: string): Secrets {
  const directory = join(dataDir, "secrets");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  const entries = Object.entries(makers).map(([name, make]) => [
    name,
    ensureSecret(join(directory, fileName(name)), make),
  ]);
  return Object.freeze(Object.fromEntries(entries) as Record<keyof Secrets, string>);
}

function ensureSecret(path: string, make: () => string): string {
  const known = readSecret(path);
  if (known !== null) return known;
  // Linked into place when it is whole: a start that is killed here leaves no empty secret behind.
  const draft = `${path}.${process.pid}.new`;
  writeFileSync(draft, make(), { mode: 0o600 });
  try {
    linkSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
  return readSecret(path) ?? fail(path, "vanished");
}

function readSecret(path: string): string | null {
  let stats: ReturnType<typeof lstatSync>;
  try {
    stats = lstatSync(path);
  } catch {
    return null;
  }
  if (!stats.isFile()) return fail(path, "is not a file");
  if ((stats.mode & 0o077) !== 0) chmodSync(path, 0o600);
  const value = readFileSync(path, "utf8").trim();
  return value === "" ? fail(path, "is empty") : value;
}

function fail(path: string, what: string): never {
  throw new Failure(
    `The secret ${path} ${what}`,
    "Take it from a backup. Without one, remove the file and a new one is made: running sessions must then be resumed.",
  );
}
