/** `npm run audit:verify`: verifies the audit record of this machine's data directory, whether the product runs or not. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runningOwnerUrl, startEmbeddedPostgres } from "@remote-claude/prisma/embedded";
import { withCredentials } from "@remote-claude/prisma/urls";
import { type Config, loadConfig } from "./config.ts";
import { ensureDataDirectory, lockDataDirectory } from "./data-directory.ts";
import { appRole, databaseDirectory, databaseName } from "./database.ts";
import { ensureSecrets } from "./secrets.ts";

interface Opened {
  readonly url: string;
  close(): Promise<void>;
}

/** The database of the product that runs, or, when none does, its database started for a moment. */
async function open(config: Config): Promise<Opened> {
  if (config.database !== null) return { url: config.database.url, close: async () => undefined };
  ensureDataDirectory(config.dataDir);
  const dataDir = databaseDirectory(config);
  const asService = (ownerUrl: string) =>
    withCredentials(ownerUrl, appRole, ensureSecrets(config.dataDir).databaseServicePassword);
  const running = await runningOwnerUrl(dataDir, databaseName);
  if (running !== null) return { url: asService(running), close: async () => undefined };
  const unlock = lockDataDirectory(config.dataDir, "the audit record is being verified");
  const postgres = await startEmbeddedPostgres({ dataDir });
  return {
    url: asService(postgres.ownerUrl(databaseName)),
    async close() {
      await postgres.stop();
      unlock();
    },
  };
}

const config = loadConfig(undefined, []);
const { url, close } = await open(config);
try {
  const program = fileURLToPath(new URL("../../api/dist/verify-audit.js", import.meta.url));
  const child = spawn(process.execPath, [program, ...process.argv.slice(2)], {
    env: { ...config.environment, DATABASE_URL: url, ARTIFACTS_DIR: join(config.dataDir, "artifacts") },
    stdio: "inherit",
  });
  process.exitCode = await new Promise<number>((resolve) => child.on("close", (code) => resolve(code ?? 2)));
} finally {
  await close();
}
