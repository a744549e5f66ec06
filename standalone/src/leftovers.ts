import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { isRunning, ProcessIdentity } from "./process-identity.ts";
import { killGroup } from "./service.ts";

const Processes = z.record(z.string(), ProcessIdentity);

/** `<data>/services.json`: which processes are the services, for a start after a supervisor that was killed. */
export class ServiceRecord {
  readonly #path: string;
  readonly #processes = new Map<string, ProcessIdentity>();

  constructor(dataDir: string) {
    this.#path = join(dataDir, "services.json");
  }

  set(service: string, identity: ProcessIdentity | null): void {
    if (identity === null) this.#processes.delete(service);
    else this.#processes.set(service, identity);
    try {
      writeFileSync(`${this.#path}.new`, JSON.stringify(Object.fromEntries(this.#processes)), {
        mode: 0o600,
      });
      renameSync(`${this.#path}.new`, this.#path);
    } catch {
      // A full disk: the services end with their supervisor all the same (end-with-parent.mjs).
    }
  }

  remove(): void {
    rmSync(this.#path, { force: true });
  }
}

/**
 * Ends the services of a supervisor that was killed. They end by themselves when they notice, which takes those
 * that finish their work a moment; the ones that do not notice are killed.
 */
export async function endLeftoverServices(dataDir: string, patienceMs = 6000): Promise<void> {
  const left = readRecord(dataDir);
  const deadline = Date.now() + patienceMs;
  while (left.some(isRunning) && Date.now() < deadline) await delay(50);
  for (const identity of left.filter(isRunning)) killGroup(identity.pid);
  while (left.some(isRunning)) await delay(20);
  rmSync(join(dataDir, "services.json"), { force: true });
}

function readRecord(dataDir: string): ProcessIdentity[] {
  try {
    return Object.values(Processes.parse(JSON.parse(readFileSync(join(dataDir, "services.json"), "utf8"))));
  } catch {
    return [];
  }
}
