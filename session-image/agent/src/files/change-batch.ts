import type { FileChange } from "@remote-claude/protocol";

const gatherMs = 50;
/** A stream of changes that never pauses is told of at least this often. */
const maxGatherMs = 500;
const maxChanges = 1_000;

export interface ChangeBatchEvent {
  changes: FileChange[];
  overflow: boolean;
}

/** Gathers changes until nothing happened for 50 ms, one for each path. */
export class ChangeBatch {
  readonly #emit: (event: ChangeBatchEvent) => void;
  readonly #changes = new Map<string, FileChange["type"]>();
  #overflow = false;
  #timer: NodeJS.Timeout | null = null;
  #beganAt = 0;

  constructor(emit: (event: ChangeBatchEvent) => void) {
    this.#emit = emit;
  }

  add(path: string, type: FileChange["type"]): void {
    this.#changes.set(path, merged(this.#changes.get(path), type));
    if (this.#changes.size > maxChanges) this.overflow();
    else this.#schedule();
  }

  /** Too much to tell one by one. */
  overflow(): void {
    this.#overflow = true;
    this.#changes.clear();
    this.#schedule();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #schedule(): void {
    const now = performance.now();
    if (this.#timer === null) this.#beganAt = now;
    else if (now - this.#beganAt > maxGatherMs - gatherMs) return;
    else clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#flush(), gatherMs);
  }

  #flush(): void {
    this.#timer = null;
    const changes = this.#overflow ? [] : [...this.#changes].map(([path, type]) => ({ path, type }));
    const overflow = this.#overflow;
    this.#changes.clear();
    this.#overflow = false;
    if (overflow || changes.length > 0) this.#emit({ changes, overflow });
  }
}

/** Made and then written is made; deleted and made again (how many editors save) is changed. */
function merged(before: FileChange["type"] | undefined, now: FileChange["type"]): FileChange["type"] {
  if (before === "created" && now === "changed") return "created";
  if (before === "deleted" && now === "created") return "changed";
  return now;
}
