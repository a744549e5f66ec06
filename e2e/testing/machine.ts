import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { describe } from "vitest";

/** Where a program is on the PATH, or null. */
export function findProgram(name: string): string | null {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // The next one.
    }
  }
  return null;
}

/** Why a suite that needs these programs cannot run here; null when it can. */
export function lacking(...programs: string[]): string | null {
  const missing = programs.filter((name) => findProgram(name) === null);
  return missing.length === 0 ? null : `${missing.join(", ")} not installed`;
}

/** Why sessions cannot be walled off on this machine; null when they can. */
export async function isolationUnavailable(): Promise<string | null> {
  try {
    await promisify(execFile)("bwrap", ["--ro-bind", "/", "/", "--unshare-all", "--proc", "/proc", "true"]);
    return null;
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string };
    return code === "ENOENT" ? "bubblewrap is not installed" : `bubblewrap does not work: ${stderr?.trim()}`;
  }
}

/** A group of tests that is skipped, with the reason in its name, where the machine lacks something. */
export function describeUnless(reason: string | null, name: string, body: () => void): void {
  describe.skipIf(reason !== null)(reason === null ? name : `${name} [skipped: ${reason}]`, body);
}
