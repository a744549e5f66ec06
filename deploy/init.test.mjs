import { createPrivateKey } from "node:crypto";
import {
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { addGitCredentialKey, ensureSecrets, groups, handOver, handOverFolder } from "./init.mjs";

describe("the secrets of a stack", () => {
  let directory;
  let owners;
  const own = (path, user, group) => owners.set(path.split("/").at(-1), { user, group });
  const ensure = () => ensureSecrets(directory, own);
  const read = (name) => readFileSync(join(directory, name), "utf8").trim();
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "secrets-"));
    owners = new Map();
  });

  it("are all made at first, and each can be read by those who need it alone", () => {
    const made = ensure();
    expect(made).toEqual([...new Set(made)]);
    expect(readdirSync(directory).sort()).toEqual([...made].sort());
    for (const name of made) expect(statSync(join(directory, name)).mode & 0o777, name).toBe(0o440);
    expect(owners.get("internal-secret")).toEqual({ user: 0, group: groups.internal });
    expect(owners.get("api-signing-key")).toEqual({ user: 0, group: groups.api });
    const key = createPrivateKey({
      key: Buffer.from(read("api-signing-key"), "base64"),
      format: "der",
      type: "pkcs8",
    });
    expect(key.asymmetricKeyType).toBe("ed25519");
    expect(Buffer.from(read("place-secret-key"), "base64url")).toHaveLength(32);
  });

  it("are never replaced, and what is missing is made from what is there", () => {
    writeFileSync(join(directory, "database-app-password"), "from-a-backup\n");
    ensure();
    expect(read("database-app-password")).toBe("from-a-backup");
    expect(new URL(read("database-url")).password).toBe("from-a-backup");
    const before = read("manager-secret");
    expect(ensure()).toEqual([]);
    expect(read("manager-secret")).toBe(before);
  });

  it("keep every key of the git credentials behind a new one", () => {
    ensure();
    const before = read("git-credential-keys");
    expect(before).toMatch(/^k\d{17}:[\w-]{43}$/);
    addGitCredentialKey(directory, own);
    const [first, second] = read("git-credential-keys").split("\n");
    expect(second).toBe(before);
    expect(first).toMatch(/^k\d{17}:[\w-]{43}$/);
    expect(first).not.toBe(before);
    expect(statSync(join(directory, "git-credential-keys")).mode & 0o777).toBe(0o440);
    expect(ensure()).toEqual([]);
  });

  it("are refused where one is empty: a service would start without it", () => {
    writeFileSync(join(directory, "manager-secret"), "");
    expect(ensure).toThrow("manager-secret is empty");
  });
});

it.skipIf(process.geteuid?.() !== 0)("hands a volume over with what an image had put into it as root", () => {
  const path = mkdtempSync(join(tmpdir(), "rc-volume-"));
  try {
    mkdirSync(join(path, "caddy"));
    symlinkSync("/etc/passwd", join(path, "link"));
    mkdirSync(join(path, "theirs"));
    chownSync(join(path, "theirs"), 1234, 1234);
    const before = lstatSync("/etc/passwd").uid;
    for (const _ of [1, 2]) handOver({ path, user: 10015, group: 10015, mode: 0o700 });
    const owners = ["", "caddy", "link", "theirs"].map((name) => lstatSync(join(path, name)).uid);
    expect(owners).toEqual([10015, 10015, 10015, 1234]);
    expect(lstatSync(path).mode & 0o777).toBe(0o700);
    expect(lstatSync("/etc/passwd").uid).toBe(before);
  } finally {
    rmSync(path, { recursive: true });
  }
});

it.skipIf(process.geteuid?.() !== 0)("takes no folder of the host over that others keep files in", () => {
  const path = mkdtempSync(join(tmpdir(), "rc-folder-"));
  const folder = { path, user: 10012, group: 10001, mode: 0o750 };
  const owners = () => ["", ...readdirSync(path)].map((name) => lstatSync(join(path, name)).uid);
  try {
    writeFileSync(join(path, "syslog"), "");
    expect(() => handOverFolder(folder)).toThrow("AUDIT_LOG_DIR holds what is not the api's");
    expect(owners()).toEqual([0, 0]);
    expect(lstatSync(path).mode & 0o777).toBe(0o700);
    rmSync(join(path, "syslog"));
    handOverFolder(folder);
    expect(owners()).toEqual([10012]);
    expect(lstatSync(path).mode & 0o777).toBe(0o750);
    // What an admin puts into it later stays theirs.
    writeFileSync(join(path, "rotated"), "");
    handOverFolder(folder);
    expect(owners()).toEqual([10012, 0]);
  } finally {
    rmSync(path, { recursive: true });
  }
});
