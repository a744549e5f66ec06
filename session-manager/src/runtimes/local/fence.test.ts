import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildSpec, LocalHarness, newPlaceId } from "../../testing/local-harness.ts";
import { findFence } from "./fence.ts";

/** Stands in for systemd-run, as this needs no systemd: notes what was asked of it, then becomes the command. */
const standIn = `#!/bin/sh
echo "$XDG_RUNTIME_DIR $*" >> "$(dirname "$0")/asked"
case "$*" in *OOMPolicy*) [ -e "$(dirname "$0")/old" ] && exit 1 ;; esac
while [ "$1" != "--" ]; do shift; done
shift
exec "$@"
`;

describe("the fence of a systemd scope", () => {
  let directory: string;
  let path: string[];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "rc-fence-"));
    mkdirSync(join(directory, "bin"));
    writeFileSync(join(directory, "bin", "systemd-run"), standIn);
    chmodSync(join(directory, "bin", "systemd-run"), 0o755);
    path = [join(directory, "bin"), "/usr/local/bin", "/usr/bin", "/bin"];
  });
  afterEach(() => rmSync(directory, { recursive: true }));
  const asked = () =>
    readFileSync(join(directory, "bin", "asked"), "utf8")
      .trim()
      .split("\n");

  it("is not there without systemd-run, or where it fails", () => {
    expect(findFence({ path: ["/nonexistent"], environment: {} })).toBeNull();
    writeFileSync(join(directory, "bin", "systemd-run"), "#!/bin/sh\nexit 1\n");
    expect(findFence({ path, environment: {} })).toBeNull();
  });

  it("asks older systemds for what they know", () => {
    writeFileSync(join(directory, "bin", "old"), "");
    const fence = findFence({ path, environment: {} });
    const limits = { memoryMb: 512, cpus: 0.5, diskMb: 1000, pids: 64 };
    const prefix = fence?.prefix(newPlaceId(), limits).join(" ");
    expect(prefix).toContain("-p MemoryMax=512M -p MemorySwapMax=0 -p TasksMax=64 -p CPUQuota=50% --");
    expect(prefix).not.toContain("OOMPolicy");
  });

  it("stands around a place, and does not show in its environment", async () => {
    const harness = new LocalHarness("none");
    const placeId = newPlaceId();
    const runtime = await harness.open({ path, fenceEnvironment: { XDG_RUNTIME_DIR: "/run/user/1" } });
    expect(runtime.capabilities().limits).toEqual({
      memory: "enforced",
      cpus: "enforced",
      pids: "enforced",
      disk: "none",
    });
    await runtime.ensure(placeId, buildSpec(placeId, { memoryMb: 300 }));
    expect(asked().at(-1)).toMatch(new RegExp(`^/run/user/1 .*--scope.*${placeId}.*MemoryMax=300M`));
    expect((await harness.run(placeId, "env")).output).not.toContain("XDG_RUNTIME_DIR");
    expect((await runtime.stop(placeId)).state).toBe("stopped");
    await harness.close();
    expect(existsSync(harness.directory)).toBe(false);
  });
});
