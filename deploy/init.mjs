/**
 * The first of the one-shot services: makes the secrets that are not there yet and hands the volumes to those who
 * use them. Run at each `docker compose up`; an existing secret is never replaced. A value in `.env` needs no file:
 * a service prefers NAME to NAME_FILE.
 *
 * Each file belongs to root and to one group, mode 0440. A service is in the groups of the secrets it needs (see
 * `group_add` in docker-compose.yml), so what one service may read no other's weakness gives away.
 */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  lchownSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const random = () => randomBytes(32).toString("base64url");
const gitCredentialKey = () => `k${new Date().toISOString().replace(/\D/g, "").slice(0, 17)}:${random()}`;
const ed25519 = () =>
  generateKeyPairSync("ed25519").privateKey.export({ format: "der", type: "pkcs8" }).toString("base64");

/** Who may read what: one group for each set of readers. */
export const groups = {
  /** web and api */
  internal: 20001,
  /** api and session-manager */
  manager: 20002,
  /** api alone */
  api: 20003,
  /** api and egress */
  database: 20004,
  /** migrate, db, backup */
  databaseOwner: 20005,
  /** redis alone */
  redis: 20006,
  /** api and storage */
  storage: 20007,
  /** api and egress */
  gitCredentials: 20008,
};

/** In this order: an address is made from a password that is there by then. */
const secrets = [
  { name: "internal-secret", group: groups.internal, make: random },
  { name: "manager-secret", group: groups.manager, make: random },
  { name: "place-secret-key", group: groups.api, make: random },
  { name: "api-signing-key", group: groups.api, make: ed25519 },
  { name: "audit-seal-keys", group: groups.api, make: ed25519 },
  { name: "git-credential-keys", group: groups.gitCredentials, make: () => gitCredentialKey() },
  { name: "recording-keys", group: groups.api, make: () => gitCredentialKey() },
  { name: "database-owner-password", group: groups.databaseOwner, make: random },
  { name: "database-app-password", group: groups.databaseOwner, make: random },
  {
    name: "database-owner-url",
    group: groups.databaseOwner,
    make: (read) => `postgresql://remote_claude:${read("database-owner-password")}@db:5432/remote_claude`,
  },
  {
    name: "database-url",
    group: groups.database,
    make: (read) => `postgresql://remote_claude_app:${read("database-app-password")}@db:5432/remote_claude`,
  },
  { name: "redis-password", group: groups.api, make: random },
  { name: "redis-url", group: groups.api, make: (read) => `redis://:${read("redis-password")}@redis:6379` },
  { name: "redis.conf", group: groups.redis, make: (read) => `requirepass ${read("redis-password")}` },
  { name: "s3-access-key-id", group: groups.storage, make: () => `rc${randomBytes(9).toString("hex")}` },
  { name: "s3-secret-access-key", group: groups.storage, make: random },
];

/** Makes what is missing in `directory`; answers the names of what was made. */
export function ensureSecrets(directory, own = chownSync) {
  const read = (name) => readFileSync(join(directory, name), "utf8").trim();
  const made = [];
  for (const { name, group, make } of secrets) {
    const path = join(directory, name);
    if (writeOnce(path, () => make(read))) made.push(name);
    if (read(name) === "")
      throw new Error(`the secret ${name} is empty: take it from a backup, or remove it`);
    own(path, 0, group);
    chmodSync(path, 0o440);
  }
  return made;
}

/** Linked into place when it is whole: one that is killed here leaves no half a secret behind. */
function writeOnce(path, make) {
  const draft = `${path}.new`;
  try {
    readFileSync(path);
    return false;
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  rmSync(draft, { force: true });
  writeFileSync(draft, `${make()}\n`, { mode: 0o400 });
  linkSync(draft, path);
  rmSync(draft);
  return true;
}

/**
 * Puts a fresh key before the others of the git credentials: from the next start of egress and api on it seals, and
 * the older ones go on opening what they sealed, until the api has sealed that anew.
 */
export function addGitCredentialKey(directory, own = chownSync) {
  const path = join(directory, "git-credential-keys");
  const draft = `${path}.new`;
  rmSync(draft, { force: true });
  writeFileSync(draft, `${gitCredentialKey()}\n${readFileSync(path, "utf8").trim()}\n`, { mode: 0o400 });
  own(draft, 0, groups.gitCredentials);
  chmodSync(draft, 0o440);
  renameSync(draft, path);
}

/** A volume is root's when it is new. The numbers are the users and groups of docker-compose.yml. */
const volumes = [
  // One group for api, egress and sessions; what is made in it gets that group too.
  { path: "/volumes/run", user: 0, group: 10001, mode: 0o2770 },
  { path: "/volumes/storage", user: 10014, group: 10014, mode: 0o700 },
  { path: "/volumes/gateway", user: 10015, group: 10015, mode: 0o700 },
];

/** The folder that AUDIT_LOG_DIR names, or a volume. */
const auditLog = { path: "/volumes/audit-log", user: 10012, group: 10001, mode: 0o750 };

/** What an image once put into a volume is root's as well, and its user could not write there. */
export function handOver({ path, user, group, mode }) {
  // Whoever may only change owners reads no folder of somebody else's.
  chownSync(path, 0, group);
  for (const name of readdirSync(path)) {
    const entry = join(path, name);
    if (user !== 0 && lstatSync(entry).uid === 0) lchownSync(entry, user, group);
  }
  chownSync(path, user, group);
  chmodSync(path, mode);
}

/** A folder of the host may be somebody else's: only an empty one is given away, and nothing in it ever. */
export function handOverFolder({ path, user, group, mode }) {
  if (lstatSync(path).uid === user) return;
  let names;
  try {
    names = readdirSync(path);
  } catch {
    // Closed to us, so it is not empty for all we know.
    names = [""];
  }
  if (names.length > 0)
    throw new Error(
      `the folder of AUDIT_LOG_DIR holds what is not the api's: give it one of its own, empty or user ${user}'s`,
    );
  chownSync(path, user, group);
  chmodSync(path, mode);
}

function main() {
  const made = ensureSecrets("/secrets");
  if (process.argv[2] === "--add-git-credential-key") {
    addGitCredentialKey("/secrets");
    made.push("git-credential-keys");
  }
  for (const volume of volumes) handOver(volume);
  handOverFolder(auditLog);
  const msg = made.length === 0 ? "every secret is there" : "made the missing secrets";
  process.stdout.write(`${JSON.stringify({ level: 30, time: Date.now(), name: "init", made, msg })}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
