import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readConfig } from "./config.ts";

describe("the migration runner's settings", () => {
  it("take secrets from files, and name the services' role", async () => {
    const folder = await mkdtemp(join(tmpdir(), "rc-config-"));
    const file = join(folder, "secret");
    await writeFile(file, " from the file \n");
    const config = readConfig({
      DATABASE_OWNER_URL: "postgresql://x/y",
      DATABASE_APP_PASSWORD_FILE: file,
    });
    await rm(folder, { recursive: true });
    expect(config).toEqual({
      ownerUrl: "postgresql://x/y",
      appRole: "remote_claude_app",
      // As the services read it, who sign in with it: only the line's end is not part of it.
      appPassword: " from the file ",
    });
  });

  it.each([
    ["DATABASE_OWNER_URL", { DATABASE_APP_PASSWORD: "long enough" }],
    ["DATABASE_APP_PASSWORD", { DATABASE_OWNER_URL: "postgresql://x/y", DATABASE_APP_PASSWORD: "short" }],
  ])("name %s when it does not fit", (name, environment) => {
    expect(() => readConfig(environment)).toThrow(name);
  });
});
