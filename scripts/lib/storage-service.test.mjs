import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { root } from "./bootstrap.mjs";

/** What the entrypoint comes to in an image that has programs of these names. */
function start(...programs) {
  const bin = mkdtempSync(join(tmpdir(), "storage-"));
  for (const program of programs) {
    const told = `#!/bin/sh\necho "${program} $* as $MINIO_ROOT_USER $MINIO_ROOT_PASSWORD"\n`;
    writeFileSync(join(bin, program), told, { mode: 0o755 });
  }
  const text = readFileSync(join(root, "docker-compose.yml"), "utf8");
  const { services } = parse(text, { merge: true, maxAliasCount: -1 });
  const [shell, ...args] = services.storage.entrypoint.map((word) => word.replaceAll("$$", "$"));
  const env = { PATH: bin, S3_ACCESS_KEY_ID: "id", S3_SECRET_ACCESS_KEY: "secret" };
  return execFileSync(shell, args, { env, encoding: "utf8" });
}

describe("the S3 server of docker compose", () => {
  it("is started under the name that its image has for it", () => {
    expect(start("minio")).toBe("minio server /data as id secret\n");
    expect(start("silo")).toBe("silo server /data as id secret\n");
    expect(start("silo", "minio")).toBe("silo server /data as id secret\n");
  });
});
