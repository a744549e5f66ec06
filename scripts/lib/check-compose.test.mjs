import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkCompose, composeVariables } from "./check-compose.mjs";

function makeProject(contents) {
  const root = mkdtempSync(join(tmpdir(), "compose-"));
  for (const [file, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return root;
}

const schema = (...names) =>
  `const Environment = z.object({\n${names.map((name) => `  ${name}: x,\n`).join("")}});`;
const nothing = Object.fromEntries(
  ["api", "egress", "session-manager", "web", "prisma"].map((name) => [`${name}/src/config.ts`, schema()]),
);

describe("the check of docker-compose.yml", () => {
  it("finds what a service reads and is not passed, and what it is passed and does not read", () => {
    const root = makeProject({
      ...nothing,
      "api/src/config.ts": schema("API_PORT", "NEW_ONE", "A_SECRET", "NODE_ENV"),
      "docker-compose.yml": `
x-shared: &shared { A_SECRET_FILE: /secrets/a, A_SECRET: }
services:
  api: { environment: { <<: *shared, API_PORT: "1", GONE: x } }
`,
    });
    expect(checkCompose(root)).toEqual([
      "api/src/config.ts reads NEW_ONE, which docker-compose.yml does not pass to api",
      "docker-compose.yml passes GONE to api, which does not read it",
    ]);
  });

  it("knows every variable that is taken from .env, and none that a shell in a container expands", () => {
    const root = makeProject({
      "docker-compose.yml":
        'services: { db: { image: "${DB_IMAGE:-postgres:17}", command: "echo $${INSIDE}", environment: { KEY: , SET: "1" } } }',
      "deploy/ports.yml": 'services: { gateway: { ports: ["${PORT:-${OTHER}}:1"] } }',
    });
    expect([...composeVariables(root)].sort()).toEqual(["DB_IMAGE", "KEY", "OTHER", "PORT"]);
  });
});
