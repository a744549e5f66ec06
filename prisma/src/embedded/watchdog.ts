import { spawn } from "node:child_process";
import { join } from "node:path";

/**
 * Waits at the end of a pipe that only our end keeps open, then shuts the server down: the kernel closes it however
 * we end. The pid file must still name the server, so that no stranger with its number is meant.
 */
const script = `
read _
[ "$(head -n 1 "$2" 2>/dev/null)" = "$1" ] && kill -INT "$1"
`;

/** Ends the server when this process ends without having ended it. */
export function guard(pid: number, dataDir: string): { release(): void } {
  const child = spawn(
    "/bin/sh",
    ["-c", script, "remote-claude-database-guard", String(pid), join(dataDir, "postmaster.pid")],
    {
      cwd: "/",
      env: { PATH: "/usr/local/bin:/usr/bin:/bin" },
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    },
  );
  child.on("error", () => undefined);
  child.stdin.on("error", () => undefined);
  child.unref();
  return {
    release() {
      child.kill("SIGKILL");
    },
  };
}
