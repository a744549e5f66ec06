import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readConfig } from "./config.ts";

const good = {
  MANAGER_SECRET: "0123456789abcdef",
  RUN_DIR: "/run/rc",
  PLACES_DIR: "/var/rc/places",
  AGENT_DIR: "/opt/agent",
  CLAUDE_BINARY: "/opt/claude",
};

describe("session-manager's configuration", () => {
  it("has safe defaults", () => {
    expect(readConfig(good)).toMatchObject({
      MANAGER_HOST: "127.0.0.1",
      MANAGER_PORT: 3002,
      SESSION_RUNTIME: "local",
      LOCAL_ISOLATION: "auto",
      END_LEFTOVERS: false,
      STOP_PLACES_ON_EXIT: false,
    });
  });

  it("takes the secret from a file", () => {
    const directory = mkdtempSync(join(tmpdir(), "rc-config-"));
    const file = join(directory, "secret");
    writeFileSync(file, "a secret in a file\n");
    const { MANAGER_SECRET, ...rest } = good;
    expect(readConfig({ ...rest, MANAGER_SECRET_FILE: file })).toMatchObject({
      MANAGER_SECRET: "a secret in a file",
    });
    rmSync(directory, { recursive: true });
  });

  it.each([
    ["MANAGER_SECRET", "short"],
    ["RUN_DIR", "relative"],
    ["RUN_DIR", `/${"long/".repeat(17)}`],
    ["SESSION_RUNTIME", "none"],
    ["STOP_PLACES_ON_EXIT", "yes"],
    ["MANAGER_PORT", "http"],
  ])("refuses a wrong %s by its name: %s", (name, value) => {
    expect(() => readConfig({ ...good, [name]: value })).toThrow(name);
  });
});
