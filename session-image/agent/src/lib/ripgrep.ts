import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

let found: string | undefined;

/** `bin/rg` beside the bundle; run from source, the npm package's. */
export function ripgrepPath(): string {
  found ??= find();
  return found;
}

function find(): string {
  const bundled = join(dirname(fileURLToPath(import.meta.url)), "bin", "rg");
  if (existsSync(bundled)) return bundled;
  const require = createRequire(import.meta.url);
  return require.resolve(`@vscode/ripgrep-${process.platform}-${process.arch}/bin/rg`);
}
