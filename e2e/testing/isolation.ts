import { execFile } from "node:child_process";
import { promisify } from "node:util";

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
