import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PlaceRequest } from "@remote-claude/protocol";
import { readTemplates } from "@remote-claude/service/templates";
import { afterAll, describe, expect, it } from "vitest";
import { resolveSpec } from "./templates.ts";
import { newPlaceId, newSecret } from "./testing/local-harness.ts";

const directory = mkdtempSync(join(tmpdir(), "rc-templates-"));
afterAll(() => rmSync(directory, { recursive: true }));

function load(yaml: string) {
  const path = join(directory, "templates.yaml");
  writeFileSync(path, yaml);
  return readTemplates(path);
}

const small = `
templates:
  - name: small
    limits: { memoryMb: { default: 512, max: 1024 } }
    permissionModes: [plan]
`;

describe("templates", () => {
  it("are the built-in one without a file, and that one beside the file's", () => {
    expect([...readTemplates(undefined).keys()]).toEqual(["default"]);
    expect([...load(small).keys()]).toEqual(["default", "small"]);
  });

  it("of the file may replace the built-in one", () => {
    const templates = load("templates: [{ name: default, permissionModes: [plan] }]");
    expect(templates.get("default")?.permissionModes).toEqual(["plan"]);
  });

  it.each([
    ["a field nobody knows", "templates: [{ name: a, privileged: true }]"],
    ["a default above its maximum", "templates: [{ name: a, limits: { pids: { default: 500, max: 100 } } }]"],
    ["two of one name", "templates: [{ name: a }, { name: a }]"],
    ["text that is no list", "hello"],
  ])("are refused with %s, naming the file", (_, yaml) => {
    expect(() => load(yaml)).toThrow(/templates\.yaml/);
  });
});

describe("a request", () => {
  const templates = load(small);
  const placeId = newPlaceId();
  const resolve = (request: Partial<PlaceRequest>) =>
    resolveSpec(templates, placeId, {
      template: "small",
      apiPublicKey: "key",
      placeSecret: newSecret(),
      ...request,
    });

  it("gets the template's defaults for what it leaves open", () => {
    const spec = resolve({ limits: { pids: 50 } });
    expect(spec.limits).toEqual({ memoryMb: 512, cpus: 2, diskMb: 10240, pids: 50 });
    expect(spec.agent.permissionModes).toEqual(["plan"]);
  });

  it("for an unknown template is told the known ones", () => {
    expect(() => resolve({ template: "huge" })).toThrow(/default, small/);
  });

  it.each([{ memoryMb: 1025 }, { memoryMb: 16 }, { cpus: 9 }, { pids: 31 }, { diskMb: 1e9 }])(
    "outside the template's bounds is refused: %o",
    (limits) => {
      expect(() => resolve({ limits })).toThrow(/outside what template "small" allows/);
    },
  );
});
