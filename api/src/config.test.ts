import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "@remote-claude/service/settings";
import { afterAll, describe, expect, it } from "vitest";
import { Environment, loadConfig, secretVariables } from "./config.ts";

const directory = mkdtempSync(join(tmpdir(), "rc-config-"));
afterAll(() => rmSync(directory, { recursive: true }));

const signingKey = generateKeyPairSync("ed25519")
  .privateKey.export({ type: "pkcs8", format: "der" })
  .toString("base64");
const good = {
  INTERNAL_SECRET: "0123456789abcdef",
  DATABASE_URL: "postgres://localhost/x",
  RUN_DIR: "/run/x",
  MANAGER_URL: "http://127.0.0.1:3002",
  MANAGER_SECRET: "0123456789abcdef",
  EGRESS_URL: "http://127.0.0.1:3003",
  PLACE_SECRET_KEY: Buffer.alloc(32, 7).toString("base64url"),
  API_SIGNING_KEY: signingKey,
  AUDIT_SEAL_KEYS: signingKey,
  GIT_CREDENTIAL_KEYS: `k1:${Buffer.alloc(32, 9).toString("base64url")}`,
  RECORDING_KEYS: `k1:${Buffer.alloc(32, 9).toString("base64url")}`,
  ARTIFACTS_DIR: "/data/artifacts",
};
const file = (name: string, text: string) => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};

describe("the settings", () => {
  it("have sensible defaults and never change afterwards", () => {
    const config = loadConfig({ ...good, PUBLIC_URL: "https://claude.example.org/", REDIS_URL: "" });
    expect(config).toMatchObject({
      mode: "server",
      production: true,
      publicUrl: "https://claude.example.org",
      redisUrl: null,
      admin: { email: "admin@remote-claude.local", password: null },
    });
    expect(() => Object.assign(config, { port: 1 })).toThrow();
  });

  it("take every secret from a file instead, where it is not given itself", () => {
    const { MANAGER_SECRET, ...rest } = good;
    const config = loadConfig({ ...rest, MANAGER_SECRET_FILE: file("secret", `${MANAGER_SECRET}\n`) });
    expect(config.managerSecret).toBe(MANAGER_SECRET);
    expect(loadConfig({ ...good, MANAGER_SECRET_FILE: "/not/read" }).managerSecret).toBe(MANAGER_SECRET);
  });

  it("describe every variable", () => {
    for (const [name, schema] of Object.entries(Environment.shape))
      expect(schema.description, name).toBeTruthy();
  });

  it.each([
    ["a missing secret", { MANAGER_SECRET: undefined }, /MANAGER_SECRET/],
    ["a short secret", { INTERNAL_SECRET: "short" }, /INTERNAL_SECRET/],
    ["a placeholder", { INTERNAL_SECRET: "changeme-changeme" }, /INTERNAL_SECRET still holds a placeholder/],
    ["a file that is not there", { METRICS_TOKEN_FILE: "/not/there" }, /METRICS_TOKEN_FILE/],
    ["a key of the audit record that is none", { AUDIT_SEAL_KEYS: "hushhush" }, /AUDIT_SEAL_KEYS: entry 1/],
    ["a retention that is too short", { AUDIT_RETENTION_DAYS: "7" }, /AUDIT_RETENTION_DAYS/],
    ["a key of git credentials that is none", { GIT_CREDENTIAL_KEYS: "k1:short" }, /GIT_CREDENTIAL_KEYS/],
    ["a public address with a path", { PUBLIC_URL: "https://host/app" }, /PUBLIC_URL/],
    ["a key of another kind", { API_SIGNING_KEY: "AAAA" }, /API_SIGNING_KEY/],
    ["a port that is none", { API_PORT: "70000" }, /API_PORT/],
    ["nowhere to keep artifacts", { ARTIFACTS_DIR: "" }, /ARTIFACTS_DIR/],
    ["half of a pair of credentials", { S3_BUCKET: "b", S3_ACCESS_KEY_ID: "a" }, /belong together/],
    [
      "metadata of a SAML provider that anybody on the way could change",
      { SAML_METADATA_URL: "http://idp.example.org/metadata" },
      /SAML_METADATA_URL: https/,
    ],
    [
      "both metadata and what it says",
      { SAML_METADATA_URL: "https://idp.example.org/m", SAML_LOGOUT_URL: "https://idp.example.org/slo" },
      /SAML_LOGOUT_URL is said by the provider's metadata/,
    ],
    ["metadata that is not there", { SAML_METADATA_FILE: "/not/there" }, /SAML_METADATA_FILE cannot be read/],
    [
      "metadata that is none",
      { SAML_METADATA_FILE: file("page", "<html/>") },
      /SAML_METADATA_FILE: It is not/,
    ],
    ["a templates file that is not there", { TEMPLATES_FILE: "/not/there" }, /TEMPLATES_FILE/],
  ])("refuse %s by name, and show no value", (_, change, message) => {
    const load = () => loadConfig({ ...good, ...change });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(message);
    try {
      load();
    } catch (error) {
      for (const name of secretVariables) {
        const value = (good as Record<string, string>)[name];
        if (value !== undefined) expect(String(error)).not.toContain(value);
      }
    }
  });

  it("read templates, beside the one that is built in", () => {
    const templates = file(
      "templates.yaml",
      "templates:\n  - name: big\n    limits: { memoryMb: { default: 8192, max: 8192 } }\n",
    );
    expect([...loadConfig({ ...good, TEMPLATES_FILE: templates }).templates.keys()]).toEqual([
      "default",
      "big",
    ]);
    const wrong = file("wrong.yaml", "templates:\n  - name: big\n    mounts: [/]\n");
    expect(() => loadConfig({ ...good, TEMPLATES_FILE: wrong })).toThrow(/TEMPLATES_FILE/);
  });
});
