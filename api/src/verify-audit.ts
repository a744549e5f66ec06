/**
 * `npm run audit:verify`, and `docker compose run --rm audit-verify`: checks the audit record against its seals and
 * their copies, and names what does not fit. Ends with 0 when all fits, 1 when something does not, 2 when it could
 * not be checked. `--trust <fingerprint>` (once or more): these keys, instead of the first one that the database names.
 */
import { parseArgs } from "node:util";
import { createDb } from "@remote-claude/prisma";
import { loadRecordConfig } from "./config.ts";
import { type Report, verifyAudit } from "./seals/index.ts";
import { createStorage } from "./storage/index.ts";

const say = (line: string) => process.stdout.write(`${line}\n`);

function tell({ seals, rows, retired, keys, head, problems, truncated }: Report): void {
  for (const { message } of problems) say(`✗ ${message}`);
  if (truncated) say("✗ … and more.");
  say(
    `● Seals: ${seals}, over rows: ${rows}${retired === 0 ? "" : `; the rows of ${retired} were removed by retention`}`,
  );
  for (const key of keys) say(`  signed with ${key}`);
  if (head !== null) say(`  the newest: seal ${head.number}, ${head.hash}`);
  say(
    problems.length === 0
      ? "✓ The record is whole: every row is as it was sealed. Keep the last lines: they prove it against a later state."
      : "✗ The record is not what was sealed.",
  );
}

try {
  const { values } = parseArgs({ options: { trust: { type: "string", multiple: true } } });
  const config = loadRecordConfig();
  const db = createDb({ url: config.databaseUrl, applicationName: "remote-claude verify-audit" });
  try {
    const report = await verifyAudit(
      { db, storage: createStorage(config.artifacts) },
      { trust: values.trust ?? [] },
    );
    tell(report);
    process.exitCode = report.problems.length === 0 ? 0 : 1;
  } finally {
    await db.$disconnect();
  }
} catch (error) {
  say(`✗ The record could not be checked: ${(error as Error).message}`);
  process.exitCode = 2;
}
