import { mkdtempSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfig } from "./config.ts";

const load = (environment: Record<string, string> = {}, args: string[] = []) => loadConfig(environment, args);

describe("the settings", () => {
  it("need nothing: this machine alone, port 3000, data in the home", () => {
    expect(load()).toMatchObject({
      port: 3000,
      host: "localhost",
      publicUrl: "http://localhost:3000",
      dataDir: join(homedir(), ".remote-claude"),
      database: null,
      dev: false,
    });
  });

  it("derive the public address from the port, unless it is given", () => {
    expect(load({ PORT: "8123" }).publicUrl).toBe("http://localhost:8123");
    expect(load({ PORT: "8123", PUBLIC_URL: "https://c.example.org/" }).publicUrl).toBe(
      "https://c.example.org",
    );
  });

  it("take an empty variable for none", () => {
    expect(load({ PORT: "", PUBLIC_URL: "" }).port).toBe(3000);
  });

  it("read secrets from files, where they are not given themselves", () => {
    const file = join(mkdtempSync(join(tmpdir(), "config-")), "url");
    writeFileSync(file, "postgresql://a:b@c/d\n");
    expect(load({ DATABASE_URL_FILE: file }).database?.url).toBe("postgresql://a:b@c/d");
    expect(load({ DATABASE_URL_FILE: file, DATABASE_URL: "postgresql://c" }).database?.url).toBe(
      "postgresql://c",
    );
    expect(() => load({ DATABASE_URL_FILE: "/nowhere" })).toThrow(/DATABASE_URL_FILE cannot be read/);
  });

  it.each([
    [{ PORT: "http" }, /PORT/],
    [{ PORT: "70000" }, /PORT/],
    [{ PUBLIC_URL: "claude.example.org" }, /PUBLIC_URL/],
    [{ PUBLIC_URL: "https://x.example/path" }, /without a path/],
    [{ SESSION_RUNTIME: "podman" }, /SESSION_RUNTIME/],
    [{ DATABASE_OWNER_URL: "postgresql://x" }, /DATABASE_URL is not/],
  ])("refuse %j, naming the variable", (environment, message) => {
    expect(() => load(environment as Record<string, string>)).toThrow(message);
  });
});
