import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { ConfigError, readSettings } from "./settings.ts";
import { readTemplates } from "./templates.ts";

const directory = mkdtempSync(join(tmpdir(), "rc-service-"));
afterAll(() => rmSync(directory, { recursive: true }));
const file = (name: string, text: string) => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};

const read = (source: Record<string, string>) =>
  readSettings({
    complaint: "The thing cannot start",
    schema: z.object({ KEY: z.string().min(4).optional(), PORT: z.coerce.number().int().default(7) }),
    secrets: ["KEY"],
    source,
  });

describe("settings", () => {
  it("take a secret from a file without its line's end, and keep the spaces that are its own", () => {
    expect(read({ KEY_FILE: file("key", " secret \r\n") }).KEY).toBe(" secret ");
    expect(read({ KEY_FILE: file("empty", "\n") }).KEY).toBeUndefined();
  });

  it("take an empty variable for an absent one", () => {
    expect(read({ KEY: "", PORT: "" })).toEqual({ PORT: 7 });
    expect(read({ KEY: "", KEY_FILE: file("beside-empty", "secret") }).KEY).toBe("secret");
  });

  it("name every variable that is wrong, and no value", () => {
    const wrong = () => read({ KEY: "abc", PORT: "many" });
    expect(wrong).toThrow(ConfigError);
    expect(wrong).toThrow(/^The thing cannot start:\n {2}KEY: .*\n {2}PORT: /);
    expect(wrong).not.toThrow(/abc|many/);
  });

  it("let a secret that is set win over its file", () => {
    expect(read({ KEY: "secret", KEY_FILE: file("loses", "another") }).KEY).toBe("secret");
  });

  it("refuse a file that is not there", () => {
    expect(() => read({ KEY_FILE: "/not/there" })).toThrow(/KEY_FILE cannot be read/);
  });
});

describe("templates", () => {
  it("always have a default, which a file may replace", () => {
    expect([...readTemplates(undefined).keys()]).toEqual(["default"]);
    const own = file(
      "own.yaml",
      "templates:\n  - name: default\n    description: Ours\n  - name: small\n    description: S\n",
    );
    const templates = readTemplates(own);
    expect([...templates.keys()]).toEqual(["default", "small"]);
    expect(templates.get("default")?.description).toBe("Ours");
  });

  it.each([
    ["is not there", "/not/there.yaml"],
    ["is not YAML", file("not.yaml", "a: [")],
    ["has a field that nobody knows", file("field.yaml", "templates:\n  - name: a\n    colour: red\n")],
    [
      "names two alike",
      file("two.yaml", "templates:\n  - {name: a, description: A}\n  - {name: a, description: B}\n"),
    ],
  ])("refuse a file that %s, and name it", (_, path) => {
    expect(() => readTemplates(path)).toThrow(ConfigError);
    expect(() => readTemplates(path)).toThrow(path);
  });
});
