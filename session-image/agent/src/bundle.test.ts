import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildAgent } from "../build.mjs";
import { eventually } from "./testing/eventually.ts";
import { TerminalReader } from "./testing/terminal-reader.ts";
import { TestApi } from "./testing/test-api.ts";
import { TestPlace } from "./testing/test-place.ts";

const directory = mkdtempSync(join(tmpdir(), "rc-bundle-"));
const place = new TestPlace();

beforeAll(async () => {
  const built = join(directory, "built");
  // As above `dist`.
  writeFileSync(join(directory, "package.json"), '{"type":"module"}');
  await buildAgent({ outDirectory: built });
  // Moved to where no node_modules of ours is above it.
  cpSync(built, join(directory, "elsewhere"), { recursive: true });
  rmSync(built, { recursive: true });
  await place.start({}, join(directory, "elsewhere/agent.js"));
});
afterAll(async () => {
  await place.remove();
  rmSync(directory, { recursive: true });
});

it("needs nothing but itself: terminals, snapshots, search and archives work from the bundle", async () => {
  const api = await TestApi.connect(place);
  const { terminal } = await api.ask("terminal.create", { cols: 80, rows: 24 });
  const reader = new TerminalReader(terminal.terminalId);
  await reader.attach(api);
  const writer = crypto.randomUUID();
  const data = "seq 1 900000; echo DO''NE\n";
  await api.ask("terminal.input", { terminalId: terminal.terminalId, writer, sequence: 1, data });
  await eventually(() => expect(reader.bytes.slice(-3).map(String).join("")).toContain("DONE"));
  await reader.attach(api, 0);
  expect(reader.snapshot).toContain("900000");
  await api.upload({ direction: "write", path: "d/file.txt" }, Buffer.from("needle"));
  const flags = { regex: false, caseSensitive: false, wholeWord: false, limit: 5 };
  expect((await api.ask("file.search", { query: "needle", ...flags })).matches.length).toBe(1);
  const archive = await api.download({ direction: "archive", path: "d" });
  await api.upload({ direction: "extract", path: "copy" }, archive);
  expect((await api.ask("file.list", { path: "copy" })).entries.map(({ name }) => name)).toEqual([
    "file.txt",
  ]);
  api.close();
});

it("starts from code that V8 takes as it was compiled when the agent was built", () => {
  const code = join(directory, "elsewhere/code");
  const bundle = readdirSync(code).find((name) => name.endsWith(".js")) ?? "";
  const check = `
    const { readFileSync } = require("node:fs");
    const source = readFileSync(${JSON.stringify(join(code, bundle))}, "latin1");
    const wrapped = "(function (exports, require, module, __filename, __dirname) {" + source + "\\n})";
    const cachedData = readFileSync(${JSON.stringify(join(code, `${bundle}.code`))});
    console.log(new (require("node:vm").Script)(wrapped, { cachedData }).cachedDataRejected);
  `;
  expect(execFileSync(process.execPath, ["-e", check], { encoding: "utf8", env: {} })).toBe("false\n");
});
