import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkDocumentPaths, checkEnvironment, checkSizes, projectFiles } from "./checks.mjs";

function makeProject(contents) {
  const root = mkdtempSync(join(tmpdir(), "project-"));
  for (const [file, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return { root, files: Object.keys(contents) };
}

it("The project's files are found without git too, and what is made is not among them", () => {
  const { root } = makeProject({
    "api/src/main.ts": "",
    "api/dist/main.js": "",
    "node_modules/x/index.js": "",
    "README.md": "",
  });
  expect(projectFiles(root).sort()).toEqual(["README.md", "api/src/main.ts"]);
});

describe("the size check", () => {
  const lines = (count) => "line\n".repeat(count);

  it("refuses a long file, unless it says why it is long", () => {
    const { root, files } = makeProject({
      "api/src/fits.ts": lines(500),
      "api/src/long.ts": lines(501),
      "api/src/reasoned.ts": `// Long because the table is one thing.\n${lines(600)}`,
    });
    const problems = checkSizes(root, files);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain("api/src/long.ts has 501 lines");
  });
});

describe("the check of documents", () => {
  it("finds paths that are named but not there, and leaves the rest alone", () => {
    const { root, files } = makeProject({
      "README.md":
        "`api/src/main.ts` `api/src/gone.ts` `api/` `<run>/<place>` `npm start` `area.verb` [x](docs/none.md) [y](https://x.example/z)\n```\napi/src/in-a-block.ts\n```",
      "api/src/main.ts": "",
    });
    expect(checkDocumentPaths(root, files)).toEqual([
      "README.md names api/src/gone.ts, which is not there",
      "README.md names docs/none.md, which is not there",
    ]);
  });
});

describe("the check of settings", () => {
  it("wants every variable explained, and no other", () => {
    const { root } = makeProject({
      "api/src/config.ts": "const Environment = z.object({\n  API_PORT: Port,\n  NEW_ONE: z.string(),\n});",
      ".env.example": "# The port.\n# API_PORT=3001\nGONE=1\n",
    });
    expect(checkEnvironment(root)).toEqual([
      "api/src/config.ts reads NEW_ONE, which .env.example does not explain",
      ".env.example explains GONE, which no process reads",
    ]);
  });
});
