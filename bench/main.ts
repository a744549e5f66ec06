import { cpus } from "node:os";
import { type Figure, table } from "./lib/report.ts";

/** `npm run bench [name …]`: each benchmark against its floor in the same run; one table. */
const benchmarks: Record<string, () => Promise<{ run(): Promise<Figure[]> }>> = {
  "terminal-echo": () => import("./terminal-echo.ts"),
  "terminal-flood": () => import("./terminal-flood.ts"),
  "terminal-paint": () => import("./terminal-paint.ts"),
  recording: () => import("./recording.ts"),
  "session-start": () => import("./session-start.ts"),
  "docker-start": () => import("./docker-start.ts"),
  "claude-first-token": () => import("./claude-first-token.ts"),
  gateway: () => import("./gateway.ts"),
  "rest-list": () => import("./rest-list.ts"),
  "audit-append": () => import("./audit-append.ts"),
  "audit-pages": () => import("./audit-pages.ts"),
  "page-load": () => import("./page-load.ts"),
  "idle-sessions": () => import("./idle-sessions.ts"),
  "claude-pane": () => import("./claude-pane.ts"),
  "idle-memory": () => import("./idle-memory.ts"),
};

const names = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const unknown = names.filter((name) => benchmarks[name] === undefined);
if (unknown.length > 0) {
  console.error(`No such benchmark: ${unknown.join(", ")}. There are ${Object.keys(benchmarks).join(", ")}.`);
  process.exit(1);
}

const figures: Figure[] = [];
for (const name of names.length > 0 ? names : Object.keys(benchmarks)) {
  console.error(`● ${name} …`);
  const startedAt = performance.now();
  try {
    const found = await (await benchmarks[name]?.())?.run();
    figures.push(...(found ?? []));
    console.error(`● ${name}: ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
    console.error(table(found ?? []));
  } catch (error) {
    console.error(`✖ ${name}:`, error);
    process.exitCode = 1;
  }
}
console.log(`\n${cpus().length} × ${cpus()[0]?.model ?? "?"}, Node ${process.version}\n`);
console.log(table(figures));
process.exit();
