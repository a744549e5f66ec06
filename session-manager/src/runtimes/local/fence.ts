import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { PlaceId } from "@remote-claude/protocol";
import type { ResolvedLimits } from "../runtime.ts";
import { findOnPath } from "./isolation.ts";

/** Has the kernel enforce memory, CPU and process limits, by a systemd scope around the place. */
export interface Fence {
  /** What to put before the command that starts the place. */
  prefix(placeId: PlaceId, limits: ResolvedLimits): string[];
  /** The variables systemd-run needs; they must not get into the session. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface FenceOptions {
  readonly path: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

function scopeArgs(binary: string, unit: string, limits: ResolvedLimits, extra: readonly string[]): string[] {
  const properties = [
    `MemoryMax=${limits.memoryMb}M`,
    "MemorySwapMax=0",
    `TasksMax=${limits.pids}`,
    `CPUQuota=${Math.round(limits.cpus * 100)}%`,
    ...extra,
  ];
  const manager = process.getuid?.() === 0 ? [] : ["--user"];
  return [
    ...[binary, ...manager, "--scope", "--quiet", "--collect", `--unit=${unit}`],
    ...properties.flatMap((property) => ["-p", property]),
    "--",
  ];
}

/** null where there is no systemd that would do it (and that hands file descriptors on). */
export function findFence({ path, environment }: FenceOptions): Fence | null {
  const binary = findOnPath("systemd-run", path);
  if (binary === null) return null;
  const limits = { memoryMb: 256, cpus: 1, diskMb: 256, pids: 32 };
  // Else running out of memory would end the whole place, not the process that did it; older systemd cannot be told.
  for (const extra of [["OOMPolicy=continue"], []]) {
    const unit = `remote-claude-try-${process.pid}-${extra.length}`;
    const descriptor = openSync("/dev/null", "r");
    const [command = "", ...args] = scopeArgs(binary, unit, limits, extra);
    const result = spawnSync(command, [...args, "/bin/sh", "-c", "cat <&3"], {
      env: { ...environment, PATH: path.join(":") },
      stdio: ["ignore", "ignore", "ignore", descriptor],
      timeout: 10_000,
    });
    closeSync(descriptor);
    if (result.status !== 0) continue;
    return {
      environment,
      // A unit's name is taken until it is collected: the moment makes each start's own.
      prefix: (placeId, placeLimits) =>
        scopeArgs(binary, `remote-claude-${placeId}-${Date.now().toString(36)}`, placeLimits, extra),
    };
  }
  return null;
}
