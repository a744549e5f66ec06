import { spawn } from "node:child_process";
import type { Reply } from "@remote-claude/protocol";
import { linesOf } from "../lib/lines.ts";
import { ripgrepPath } from "../lib/ripgrep.ts";
import { fuzzyScore } from "./fuzzy.ts";
import type { RipgrepOptions } from "./ripgrep-queries.ts";

type FoundSymbol = Reply<"file.find-symbols">["symbols"][number];

const maxSymbols = 100_000;
const timeoutMs = 20_000;

const modifiers =
  "export|default|declare|abstract|async|public|private|protected|internal|static|final|sealed|partial|unsafe|override|virtual|open|data|inline|extern|suspend|readonly";
const kinds =
  "function|class|interface|type|enum|namespace|def|func|fun|fn|struct|trait|mod|module|record|object|protocol|union";
const name = "[\\p{L}_$#][\\p{L}\\p{N}_$]*";

/** `export async function name`, `def name`, `func (r *Receiver) name`, `pub(crate) struct Name` and their like. */
const declaration = `^\\s*(?:(?:${modifiers}|pub(?:\\([^)]*\\))?)\\s+)*(?:${kinds})\\*?\\s+(?:\\([^)]*\\)\\s*)?(?:self\\.)?${name}`;
/** At the beginning of a line, so that no local one is among them. */
const constant = `^(?:export\\s+|pub\\s+)?(?:const|let|var|val|static)\\s+(?:mut\\s+)?${name}\\s*[:=]`;
/** In a class: `name(…) {`, with what may stand before it. */
const method = `^\\s+(?:(?:${modifiers}|get|set)\\s+|\\*)*${name}\\s*(?:<[^>]*>)?\\([^;]*\\)\\s*(?::[^={;]+)?\\{\\s*$`;
const patterns = [declaration, constant, method];

const readers: readonly (readonly [RegExp, string | null])[] = [
  [
    new RegExp(
      `^\\s*(?:(?:${modifiers}|pub(?:\\([^)]*\\))?)\\s+)*(${kinds})\\*?\\s+(?:\\([^)]*\\)\\s*)?(?:self\\.)?(${name})`,
      "u",
    ),
    null,
  ],
  [
    new RegExp(`^(?:export\\s+|pub\\s+)?(const|let|var|val|static)\\s+(?:mut\\s+)?(${name})\\s*[:=]`, "u"),
    "constant",
  ],
  [
    new RegExp(`^\\s+(?:(?:${modifiers}|get|set)\\s+|\\*)*()(${name})\\s*(?:<[^>]*>)?\\([^;]*\\)`, "u"),
    "method",
  ],
];

/** Words that stand before a parenthesis and a brace and name nothing. */
const noNames = new Set(
  "if for while switch catch with return function do else try await match loop unless until in of".split(" "),
);
const words: Record<string, string> = {
  def: "function",
  func: "function",
  fun: "function",
  fn: "function",
  mod: "module",
};

/** What a line declares, if it does. */
export function symbolIn(line: string): Pick<FoundSymbol, "name" | "kind"> | null {
  for (const [pattern, kind] of readers) {
    const [, word = "", found] = pattern.exec(line) ?? [];
    if (found === undefined || noNames.has(found)) continue;
    return { name: found.slice(0, 200), kind: kind ?? words[word] ?? word };
  }
  return null;
}

/** Where the code of the workspace declares something, as far as a line by itself tells: no language is parsed. */
export async function listSymbols({ root, env }: RipgrepOptions): Promise<FoundSymbol[]> {
  const which = ["--hidden", "--no-config", "--no-require-git", "--glob", "!.git"];
  // Prose declares nothing, and what a program wrote has lines without end.
  const skipped = ["*.md", "*.txt", "*.json", "*.lock", "*.csv", "*.svg", "*.min.js", "*.map"];
  const shape = [
    "--line-number",
    "--no-heading",
    "--with-filename",
    "--null",
    "--color=never",
    "--no-messages",
  ];
  const limits = ["--max-columns=400", "--max-filesize=1M", "--max-count=2000"];
  const args = [
    ...which,
    ...skipped.flatMap((glob) => ["--glob", `!${glob}`]),
    ...shape,
    ...limits,
    ...patterns.flatMap((pattern) => ["-e", pattern]),
    "--",
    "./",
  ];
  const child = spawn(ripgrepPath(), args, {
    cwd: root,
    env: { ...env },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
  const ended = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("close", () => resolve());
  });
  const symbols: FoundSymbol[] = [];
  for await (const bytes of linesOf(child.stdout)) {
    const symbol = readLine(bytes.toString("utf8"));
    if (symbol !== null && symbols.push(symbol) >= maxSymbols) child.kill();
  }
  clearTimeout(timer);
  await ended;
  return symbols;
}

/** `./path NUL line:text` */
function readLine(text: string): FoundSymbol | null {
  const [, path, line, rest] = /^\.\/([^\0]+)\0(\d+):(.*)$/s.exec(text) ?? [];
  // A name that is not text cannot be asked for, so it is not offered.
  if (path === undefined || rest === undefined || path.includes("\ufffd") || path.length > 4095) return null;
  const found = symbolIn(rest.replace(/\r$/, ""));
  return found === null ? null : { ...found, path, line: Number(line) };
}

/** The best `limit` for what was typed, best first. */
export function fuzzySymbols(query: string, symbols: readonly FoundSymbol[], limit: number): FoundSymbol[] {
  const letters = query.toLowerCase().replace(/[\s\\/]/g, "");
  if (letters === "") return [];
  const scored: { symbol: FoundSymbol; score: number }[] = [];
  for (const symbol of symbols) {
    const score = fuzzyScore(letters, symbol.name);
    if (score !== null) scored.push({ symbol, score });
  }
  scored.sort((a, b) => b.score - a.score || (a.symbol.path < b.symbol.path ? -1 : 1));
  return scored.slice(0, limit).map(({ symbol }) => symbol);
}
