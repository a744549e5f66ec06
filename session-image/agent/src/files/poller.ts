import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ChangeBatch } from "./change-batch.ts";
import { temporaryPrefix } from "./content.ts";
import type { IgnoreRules } from "./ignore-rules.ts";

/** Looking takes no more than about a tenth of the time. */
const pauseFactor = 10;
/** Of a larger workspace only this much is looked at. */
const maxEntries = 100_000;

/** Looks through the workspace again and again and tells what differs. */
export class Poller {
  readonly #root: string;
  readonly #rules: IgnoreRules;
  readonly #batch: ChangeBatch;
  readonly #minPauseMs: number;
  #known: Map<string, string> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(root: string, rules: IgnoreRules, batch: ChangeBatch, minPauseMs: number) {
    this.#minPauseMs = minPauseMs;
    this.#root = root;
    this.#rules = rules;
    this.#batch = batch;
  }

  start(): void {
    const beganAt = performance.now();
    this.#rules.forget();
    this.#scan()
      .then((found) => {
        this.#compare(found);
        this.#known = found;
      })
      .catch(() => undefined)
      .finally(() => {
        if (this.#stopped) return;
        const pause = Math.max(this.#minPauseMs, (performance.now() - beganAt) * pauseFactor);
        this.#timer = setTimeout(() => this.start(), pause).unref();
      });
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #scan(): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    const queue = [""];
    for (let path = queue.shift(); path !== undefined && found.size < maxEntries; path = queue.shift()) {
      const entries = await readdir(join(this.#root, path), { withFileTypes: true }).catch(() => []);
      for (const entry of entries) {
        if (entry.name.startsWith(temporaryPrefix)) continue;
        const child = path === "" ? entry.name : `${path}/${entry.name}`;
        const ignored = this.#rules.ignoresEntry(path, entry.name, entry.isDirectory());
        found.set(child, ignored || entry.isDirectory() ? "" : await this.#stampOf(child));
        if (entry.isDirectory() && !ignored) queue.push(child);
      }
    }
    return found;
  }

  async #stampOf(path: string): Promise<string> {
    const stats = await lstat(join(this.#root, path)).catch(() => null);
    return stats === null ? "" : `${stats.mtimeMs} ${stats.size} ${stats.ino}`;
  }

  #compare(found: Map<string, string>): void {
    const known = this.#known;
    if (known === null) {
      this.#batch.overflow();
      return;
    }
    for (const [path, stamp] of found) {
      const before = known.get(path);
      if (before === undefined) this.#batch.add(path, "created");
      else if (before !== stamp) this.#batch.add(path, "changed");
    }
    for (const path of known.keys()) if (!found.has(path)) this.#batch.add(path, "deleted");
  }
}
