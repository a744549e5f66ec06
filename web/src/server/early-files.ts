import { readFileSync } from "node:fs";
import { join } from "node:path";

let noted: readonly string[] | null = null;

/** Addresses of what a workbench asks for before it is drawn, as web/early-chunks.mjs noted them; none while developing. */
export function earlyFiles(): readonly string[] {
  noted ??= readNoted();
  return noted;
}

function readNoted(): readonly string[] {
  try {
    const path = join(process.cwd(), ".next/static/early.json");
    return (JSON.parse(readFileSync(path, "utf8")) as string[]).map((file) => `/_next/${file}`);
  } catch {
    return [];
  }
}
