import { createPrivateKey } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ensureSecrets } from "./secrets.ts";

const newDirectory = () => mkdtempSync(join(tmpdir(), "secrets-"));
const mode = (path: string) => statSync(path).mode & 0o777;

describe("secrets", () => {
  it("are made once, each of its own kind, for the owner's eyes", () => {
    const data = newDirectory();
    const before = process.umask(0);
    const secrets = ensureSecrets(data);
    process.umask(before);
    expect(mode(join(data, "secrets"))).toBe(0o700);
    const files = readdirSync(join(data, "secrets"));
    expect(files).toHaveLength(Object.keys(secrets).length);
    for (const file of files) expect(mode(join(data, "secrets", file))).toBe(0o600);
    expect(new Set(Object.values(secrets)).size).toBe(files.length);
    expect(Buffer.from(secrets.placeSecretKey, "base64url")).toHaveLength(32);
    const key = createPrivateKey({
      key: Buffer.from(secrets.apiSigningKey, "base64"),
      format: "der",
      type: "pkcs8",
    });
    expect(key.asymmetricKeyType).toBe("ed25519");
    expect(ensureSecrets(data)).toEqual(secrets);
  });

  it("that others can read are closed again", () => {
    const data = newDirectory();
    ensureSecrets(data);
    const file = join(data, "secrets", "internal-secret");
    chmodSync(file, 0o644);
    ensureSecrets(data);
    expect(mode(file)).toBe(0o600);
  });

  it("that are empty or links are refused rather than used", () => {
    const data = newDirectory();
    ensureSecrets(data);
    const file = join(data, "secrets", "internal-secret");
    writeFileSync(file, "");
    expect(() => ensureSecrets(data)).toThrow(/is empty/);
    rmSync(file);
    symlinkSync("/etc/hostname", file);
    expect(() => ensureSecrets(data)).toThrow(/is not a file/);
  });
});
