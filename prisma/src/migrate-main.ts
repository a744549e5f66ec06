import { readConfig } from "./config.ts";
import type { Log } from "./log.ts";
import { migrate } from "./migrate.ts";

const write = (level: number) => (details: object, msg: string) =>
  process.stdout.write(`${JSON.stringify({ level, time: Date.now(), name: "migrate", ...details, msg })}\n`);
const log: Log = { info: write(30), warn: write(40), error: write(50) };

try {
  await migrate({ ...readConfig(), log });
} catch (error) {
  log.error({ err: error instanceof Error ? error.message : String(error) }, "the database was not migrated");
  process.exitCode = 1;
}
