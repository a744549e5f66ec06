import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "@remote-claude/service/settings";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfig } from "./config.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rc-config-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const needed = {
  DATABASE_URL: "postgresql://x",
  RUN_DIR: "/run/x",
  GIT_CREDENTIAL_KEYS: `k1:${"A".repeat(43)}`,
};
const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

describe("the settings", () => {
  it("take one key, in Claude Code's own order, from a file too", () => {
    expect(loadConfig(needed).modelKey).toBeNull();
    expect(
      loadConfig({ ...needed, CLAUDE_CODE_OAUTH_TOKEN: "o", ANTHROPIC_AUTH_TOKEN: "a" }).modelKey,
    ).toEqual({ kind: "auth-token", value: "a" });
    const path = file("key", "sk-from-file\n");
    expect(loadConfig({ ...needed, ANTHROPIC_API_KEY: "", ANTHROPIC_API_KEY_FILE: path }).modelKey).toEqual({
      kind: "api-key",
      value: "sk-from-file",
    });
    expect(
      loadConfig({ ...needed, ANTHROPIC_API_KEY: "given", ANTHROPIC_API_KEY_FILE: path }).modelKey,
    ).toEqual({ kind: "api-key", value: "given" });
  });

  it("name what is wrong and never its value", () => {
    const load = (more: Record<string, string>) => () => loadConfig({ ...needed, ...more });
    expect(load({ ANTHROPIC_API_KEY: "sk secret" })).toThrow(/^(?!.*secret)[\s\S]*ANTHROPIC_API_KEY/);
    expect(load({ GIT_CREDENTIAL_KEYS: "k1:secret" })).toThrow(/^(?!.*secret)[\s\S]*GIT_CREDENTIAL_KEYS/);
    expect(load({ ANTHROPIC_BASE_URL: "ftp://x" })).toThrow("ANTHROPIC_BASE_URL");
    expect(load({ EGRESS_ALLOWED_HOSTS: "a.example,http://b" })).toThrow("EGRESS_ALLOWED_HOSTS");
    expect(() => loadConfig({})).toThrow(ConfigError);
  });

  it("read the allowlist as an addition or, after =, as the whole", () => {
    expect(loadConfig({ ...needed, EGRESS_ALLOWED_HOSTS: "a.example" }).hosts).toMatchObject({
      withDefaults: true,
    });
    expect(loadConfig({ ...needed, EGRESS_ALLOWED_HOSTS: "=a.example, b.example:81" }).hosts).toEqual({
      withDefaults: false,
      rules: [
        { host: "a.example", port: null, exact: true },
        { host: "b.example", port: 81, exact: true },
      ],
    });
  });

  it("read templates and refuse hosts in them that are none", () => {
    const good = file("good.yaml", "templates:\n  - name: sealed\n    egress: { policy: none }\n");
    expect([...loadConfig({ ...needed, TEMPLATES_FILE: good }).templates.keys()]).toEqual([
      "default",
      "sealed",
    ]);
    const bad = file("bad.yaml", "templates:\n  - name: odd\n    egress: { hosts: ['http://x'] }\n");
    expect(() => loadConfig({ ...needed, TEMPLATES_FILE: bad })).toThrow("odd");
  });
});
