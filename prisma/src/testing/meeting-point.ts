import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What the keeper says in answer to each line it gets, one JSON line each. */
export type KeeperReply =
  | { readonly database: string }
  | { readonly done: true }
  | { readonly error: string };
/** What it says first. */
export interface KeeperGreeting {
  /** The superuser's address of the database `postgres`. */
  readonly ownerUrl: string;
  readonly appPassword: string;
}

/** `create`, `drop <name>`, or `end-when-empty`: do not wait for others after the last one left. */
export type KeeperRequest = "create" | `drop ${string}` | "end-when-empty";

const packageFolder = fileURLToPath(new URL("../..", import.meta.url));

/** Changes with everything that shapes the databases: another work tree, or a changed one, gets its own server. */
function fingerprint(): string {
  const hash = createHash("sha256");
  for (const folder of ["migrations", "src"]) {
    const files = readdirSync(join(packageFolder, folder), { recursive: true, encoding: "utf8" });
    for (const file of files.filter((name) => /^(?!generated).*(\.sql|(?<!test)\.ts)$/.test(name)).sort()) {
      hash.update(file).update(readFileSync(join(packageFolder, folder, file)));
    }
  }
  return hash.digest("hex").slice(0, 16);
}

/** The link at which the processes of a test run find the server they share. */
export function meetingPoint(): string {
  return join(tmpdir(), `rc-test-${userInfo().uid}-${fingerprint()}`);
}

/** In a folder that everyone may write to, only our own link counts. */
export function isOurs(link: string): boolean {
  try {
    return lstatSync(link).uid === userInfo().uid;
  } catch {
    return false;
  }
}
