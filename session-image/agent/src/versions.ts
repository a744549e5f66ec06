import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as z from "zod";

const Versions = z.object({ agent: z.string(), claude: z.string() });

/** Put in by the bundler; from source there is none. */
declare const bundledVersions: z.infer<typeof Versions> | undefined;

/**
 * The agent's own version, and that of the Claude Code which belongs to the pinned Agent SDK (asking the program
 * itself would cost a start of it).
 */
export const versions = typeof bundledVersions === "undefined" ? readVersions() : bundledVersions;

function readVersions(): z.infer<typeof Versions> {
  const require = createRequire(import.meta.url);
  const sdk = join(dirname(require.resolve("@anthropic-ai/claude-agent-sdk")), "package.json");
  const read = (path: string): Record<string, unknown> => JSON.parse(readFileSync(path, "utf8"));
  return Versions.parse({
    agent: read(join(import.meta.dirname, "../package.json")).version,
    claude: read(sdk).claudeCodeVersion,
  });
}
