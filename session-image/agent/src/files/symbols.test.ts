import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fuzzySymbols, listSymbols, symbolIn } from "./symbols.ts";

const root = mkdtempSync(join(tmpdir(), "rc-symbols-"));
const env = { PATH: process.env.PATH ?? "" };

beforeAll(() => {
  mkdirSync(join(root, "src"));
  writeFileSync(
    join(root, "src/reader.ts"),
    "export class Reader<T> {\r\n  readonly #size = 1;\r\n  async readAll(path: string): Promise<T> {\r\n    if (path) {\r\n      const local = 1;\r\n    }\r\n  }\r\n}\r\nexport const readerOptions = {};\r\n",
  );
  writeFileSync(join(root, "src/tool.py"), "class Tool:\n    def run_tool(self):\n        pass\n");
  writeFileSync(join(root, "main.go"), "func (s *Server) ListenAndServe() error {\n}\n");
  writeFileSync(join(root, "notes.md"), "function of this class of things\n");
  writeFileSync(join(root, ".gitignore"), "ignored.ts\n");
  writeFileSync(join(root, "ignored.ts"), "export function ignoredOne() {}\n");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("symbols", () => {
  it("are what the code declares, with file and line; locals, prose and ignored files are not among them", async () => {
    const symbols = await listSymbols({ root, env });
    expect(symbols.map(({ name, kind, path, line }) => `${path}:${line} ${kind} ${name}`).sort()).toEqual([
      "main.go:1 function ListenAndServe",
      "src/reader.ts:1 class Reader",
      "src/reader.ts:3 method readAll",
      "src/reader.ts:9 constant readerOptions",
      "src/tool.py:1 class Tool",
      "src/tool.py:2 function run_tool",
    ]);
  });

  it("are found by letters in order, the best first", async () => {
    const symbols = await listSymbols({ root, env });
    const names = (query: string) => fuzzySymbols(query, symbols, 3).map(({ name }) => name);
    expect(names("reader")[0]).toBe("Reader");
    expect(names("las")).toEqual(["ListenAndServe"]);
    expect(names("")).toEqual([]);
    expect(names("zzz")).toEqual([]);
  });

  it.each([
    ["export default async function load() {", "function load"],
    ["pub(crate) async fn serve(&self) {", "function serve"],
    ["pub struct Config {", "struct Config"],
    ["    if (ready) {", null],
    ["    } else if (ready) {", null],
    ["  get value(): number {", "method value"],
    ["interface Überblick {", "interface Überblick"],
    ["  const local = 1;", null],
  ])("%s", (line, expected) => {
    const found = symbolIn(line);
    expect(found === null ? null : `${found.kind} ${found.name}`).toBe(expected);
  });
});
