import { spawn } from "node:child_process";
import { AppError, type Payload, type Reply } from "@remote-claude/protocol";
import * as z from "zod";
import { linesOf } from "../lib/lines.ts";
import { ripgrepPath } from "../lib/ripgrep.ts";

const maxPaths = 200_000;
const searchTimeoutMs = 30_000;
const maxTextLength = 500;

export interface RipgrepOptions {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Hidden files are listed, what .gitignore names and .git are not. */
const which = ["--hidden", "--no-config", "--no-require-git", "--glob", "!.git"];

/** Every file that "go to file" offers. */
export async function listPaths({ root, env }: RipgrepOptions): Promise<string[]> {
  const child = spawn(ripgrepPath(), ["--files", "--null", ...which], { cwd: root, env: { ...env } });
  child.stderr.resume();
  const paths: string[] = [];
  const failed = failure(child);
  for await (const line of linesOf(child.stdout, "\0")) {
    paths.push(line.toString("utf8"));
    if (paths.length >= maxPaths) child.kill();
  }
  await failed;
  return paths.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
}

const Text = z.object({ text: z.string() }).or(z.object({ bytes: z.base64() }));
const MatchLine = z.object({
  type: z.literal("match"),
  data: z.object({
    path: Text,
    lines: Text,
    line_number: z.int(),
    submatches: z.array(z.object({ start: z.int(), end: z.int() })),
  }),
});

type Match = Reply<"file.search">["matches"][number];

export async function searchText(
  { root, env }: RipgrepOptions,
  request: Payload<"file.search">,
): Promise<Reply<"file.search">> {
  const flags = [
    ...(request.regex ? [] : ["--fixed-strings"]),
    request.caseSensitive ? "--case-sensitive" : "--ignore-case",
    ...(request.wholeWord ? ["--word-regexp"] : []),
    "--max-filesize=16M",
    "--max-columns=10000",
  ];
  const child = spawn(ripgrepPath(), ["--json", ...which, ...flags, "-e", request.query, "--", "./"], {
    cwd: root,
    env: { ...env },
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), searchTimeoutMs);
  const complaint = textOf(child.stderr);
  const failed = failure(child);
  const matches: Match[] = [];
  let truncated = false;
  for await (const line of linesOf(child.stdout)) {
    if (truncated) continue;
    for (const match of matchesOf(line)) {
      if (matches.length < request.limit) matches.push(match);
      else truncated = true;
    }
    if (truncated) child.kill();
  }
  clearTimeout(timer);
  const code = await failed;
  // 2 without a match: usually a regular expression that is none; files it could not read are no failure.
  if (code === 2 && matches.length === 0) throw new AppError("bad_request", searchComplaint(await complaint));
  return { matches, truncated: truncated || code === null };
}

function searchComplaint(text: string): string {
  return `the search failed: ${text.trim().split("\n").slice(-3).join(" ").slice(0, 300) || "ripgrep gave no reason"}`;
}

function* matchesOf(line: Buffer): Generator<Match> {
  const parsed = MatchLine.safeParse(JSON.parse(line.toString("utf8")));
  if (!parsed.success) return;
  const { path, lines, line_number, submatches } = parsed.data.data;
  // A name that is not text cannot be asked for, so it is not offered.
  if (!("text" in path)) return;
  const bytes = "text" in lines ? Buffer.from(lines.text) : Buffer.from(lines.bytes, "base64");
  for (const { start, end } of submatches) {
    const before = bytes.toString("utf8", 0, start);
    const from = Math.max(0, before.length - maxTextLength / 2);
    yield {
      path: path.text.replace(/^\.\//, ""),
      line: line_number,
      column: before.length + 1,
      length: bytes.toString("utf8", start, end).length,
      text: bytes
        .toString("utf8")
        .slice(before.length < maxTextLength ? 0 : from)
        .replace(/\r?\n$/, "")
        .slice(0, maxTextLength)
        .toWellFormed(),
    };
  }
}

/** The exit code, null after a signal; a program that does not start is a refusal. */
function failure(child: ReturnType<typeof spawn>): Promise<number | null> {
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once("error", (error) =>
      reject(new AppError("unavailable", "search is not available", { cause: error })),
    );
    child.once("close", (code) => resolve(code));
  });
  exit.catch(() => undefined);
  return exit;
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size < 64 * 1024) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
