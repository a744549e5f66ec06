/**
 * Runs in a session and looks for secrets wherever a program there can look: every process's environment, command
 * line and memory, every file that can be read, and what is mapped of others.
 *   node search-secrets.mjs <needles> — one a line, in hex, each byte xor 0x5a: so the search does not find itself.
 */
import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";

const needles = readFileSync(process.argv[2], "utf8")
  .trim()
  .split("\n")
  .map((hex) => Buffer.from(Buffer.from(hex, "hex").map((byte) => byte ^ 0x5a)));
const overlap = Math.max(...needles.map(({ length }) => length)) - 1;
const chunkBytes = 4 * 1024 * 1024;
const found = [];
const seen = { processes: 0, environments: 0, files: 0, memoryBytes: 0 };

function look(bytes, where) {
  for (const [needle, value] of needles.entries()) {
    if (bytes.includes(value) && !found.some((hit) => hit.needle === needle && hit.where === where))
      found.push({ needle, where });
  }
}

const buffer = Buffer.alloc(chunkBytes + overlap);

/** Reads from `start` to `end` in pieces that overlap, so that nothing hides on an edge. */
function lookThrough(fd, start, end, where) {
  let kept = 0;
  for (let at = start; at < end; ) {
    const wanted = Math.min(chunkBytes, end - at);
    let read;
    try {
      read = readSync(fd, buffer, kept, wanted, at);
    } catch {
      return;
    }
    if (read === 0) return;
    look(buffer.subarray(0, kept + read), where);
    at += read;
    const next = Math.min(overlap, kept + read);
    buffer.copyWithin(0, kept + read - next, kept + read);
    kept = next;
  }
}

function lookInFile(path, where = `file ${path}`) {
  let fd;
  try {
    fd = openSync(path, "r");
  } catch {
    return;
  }
  seen.files += 1;
  lookThrough(fd, 0, Number.MAX_SAFE_INTEGER, where);
  closeSync(fd);
}

function read(path) {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}

/** Regions with anything in them; of large ones only the pages that are there. */
function residentRegions(pid) {
  const smaps = read(`/proc/${pid}/smaps`)?.toString("latin1") ?? "";
  const regions = [];
  for (const block of smaps.split(/\n(?=[0-9a-f]+-[0-9a-f]+ )/)) {
    const match = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \d+ *(.*)/.exec(block);
    const resident =
      Number(/^Rss: +(\d+)/m.exec(block)?.[1] ?? 0) + Number(/^Swap: +(\d+)/m.exec(block)?.[1] ?? 0);
    if (match === null || !match[3].startsWith("r") || resident === 0 || match[4].startsWith("[v")) continue;
    regions.push({
      start: Number.parseInt(match[1], 16),
      end: Number.parseInt(match[2], 16),
      path: match[4],
    });
  }
  return regions;
}

function lookInMemory(pid, command) {
  let memory;
  let pages;
  try {
    memory = openSync(`/proc/${pid}/mem`, "r");
    pages = openSync(`/proc/${pid}/pagemap`, "r");
  } catch {
    return;
  }
  const entry = Buffer.alloc(8 * 4096);
  for (const { start, end } of residentRegions(pid)) {
    for (let at = start; at < end; at += 4096 * 4096) {
      const stop = Math.min(end, at + 4096 * 4096);
      const count = (stop - at) / 4096;
      const length = readSync(pages, entry, 0, count * 8, (at / 4096) * 8);
      for (let page = 0, run = -1; page <= count; page += 1) {
        const there = page < count && page * 8 < length && (entry[page * 8 + 7] & 0xc0) !== 0;
        if (there && run === -1) run = page;
        if (there || run === -1) continue;
        lookThrough(memory, at + run * 4096, at + page * 4096, `memory of ${command}`);
        seen.memoryBytes += (page - run) * 4096;
        run = -1;
      }
    }
  }
  closeSync(memory);
  closeSync(pages);
}

const mapped = new Set();
const commands = [];
for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
  if (Number(pid) === process.pid) continue;
  const command = (read(`/proc/${pid}/cmdline`)?.toString() ?? "").replaceAll("\0", " ").trim();
  commands.push(command);
  seen.processes += 1;
  const environment = read(`/proc/${pid}/environ`);
  if (environment !== null) {
    seen.environments += 1;
    look(environment, `environment of ${command}`);
  }
  look(Buffer.from(command), `arguments of ${command}`);
  for (const { path } of residentRegions(pid)) if (path.startsWith("/")) mapped.add(path);
  lookInMemory(pid, command);
}

const skipped = new Set(["/proc", "/sys", "/dev", "/usr"]);
const walked = new Set();
(function walk(directory) {
  let entries;
  try {
    entries = readdirSync(directory);
  } catch {
    return;
  }
  for (const name of entries) {
    const path = `${directory === "/" ? "" : directory}/${name}`;
    look(Buffer.from(path), `name of ${path}`);
    if (skipped.has(path)) continue;
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) walk(path);
    else if (stat?.isFile()) {
      walked.add(path);
      lookInFile(path);
    }
  }
})("/");
for (const path of mapped) if (!walked.has(path)) lookInFile(path, `mapped ${path}`);

console.log(JSON.stringify({ found, seen, commands }));
