import type { SerializeAddon } from "@xterm/addon-serialize";
import type { Terminal as HeadlessTerminal } from "@xterm/headless";
import type { Ring } from "./ring.ts";
import { skimModes } from "./skim.ts";

/** Parsed in one go; a flood's other terminals are served between two of them. */
const sliceBytes = 64 * 1024;
/** Of a backlog, only this much is drawn: it repaints any screen. What comes before is skimmed for modes. */
const maxDrawnBytes = 1024 * 1024;
/** Until here the ring holds everything, and nobody will ask for a screen. */
const needlessBytes = 3 * 1024 * 1024;
const backgroundPauseMs = 100;
/** More than this in one pause is a flood: it will be skimmed, parsing it would be wasted. */
const floodBytes = 64 * 1024;
/** No sequence that matters is longer. */
const seamBytes = 64;
const scrollbackLines = 1_000;

interface Drawn {
  readonly terminal: HeadlessTerminal;
  readonly serializer: SerializeAddon;
}

interface Resize {
  readonly offset: number;
  readonly cols: number;
  readonly rows: number;
}

/**
 * The screen that a terminal's output has drawn so far, for readers who come when the ring no longer holds all
 * of it. Drawing costs as much as the output itself, so nothing is parsed before the ring is about to forget it.
 * Slow output is then parsed whole; of a flood, only the modes it sets and its last part.
 */
export class Screen {
  readonly #ring: Ring;
  readonly #resizes: Resize[] = [];
  #cols: number;
  #rows: number;
  #parsed = 0;
  #pendingModes = "";
  #xterm: Drawn | null = null;
  #work: Promise<unknown> = Promise.resolve();
  #background: NodeJS.Timeout | null = null;
  #disposed = false;

  constructor(ring: Ring, cols: number, rows: number) {
    this.#ring = ring;
    this.#cols = cols;
    this.#rows = rows;
  }

  resize(cols: number, rows: number): void {
    this.#resizes.push({ offset: this.#ring.end, cols, rows });
    if (this.#resizes.length > 256) this.#resizes.splice(0, 128);
  }

  /** Called before `bytes` more are written, while the ring still holds what they will push out. */
  beforeAppend(bytes: number, capacity: number): void {
    const { end } = this.#ring;
    if (end < needlessBytes) return;
    if (end + bytes - this.#parsed > capacity) this.#skim(end - maxDrawnBytes);
    else if (end - this.#parsed > maxDrawnBytes / 2) this.#scheduleBackground();
  }

  /** The screen after byte `offset`, as escape sequences. The ring must not forget it meanwhile. */
  snapshot(offset: number): Promise<string> {
    return this.#queue(async () => {
      const { serializer } = await this.#load();
      await this.#parse(offset);
      return serializer.serialize({ scrollback: scrollbackLines });
    });
  }

  dispose(): void {
    this.#disposed = true;
    if (this.#background !== null) clearTimeout(this.#background);
    this.#xterm?.terminal.dispose();
    this.#xterm = null;
  }

  #queue<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#work.then(run);
    this.#work = result.catch(() => undefined);
    return result;
  }

  /** Keeps the modes set before `until`, and gives up the text. Synchronous: the ring is about to move on. */
  #skim(until: number): void {
    if (until <= this.#parsed) return;
    while (this.#parsed < until) {
      const bytes = this.#ring.view(this.#parsed, until - this.#parsed);
      this.#pendingModes += skimModes(bytes);
      this.#parsed += bytes.length;
      // Again from a little before the seam, for a sequence that lies across it.
      if (this.#parsed < until && bytes.length > seamBytes) this.#parsed -= seamBytes;
    }
    if (this.#pendingModes.length > 64 * 1024)
      this.#pendingModes = skimModes(Buffer.from(this.#pendingModes));
  }
  #scheduleBackground(): void {
    if (this.#background !== null || this.#disposed) return;
    const { end } = this.#ring;
    this.#background = setTimeout(() => {
      this.#background = null;
      if (this.#ring.end - end > floodBytes) return this.#scheduleBackground();
      this.#queue(() => this.#catchUp()).catch(() => undefined);
    }, backgroundPauseMs);
  }

  async #catchUp(): Promise<void> {
    await this.#load();
    await this.#parse(Math.min(this.#parsed + 4 * sliceBytes, this.#ring.end));
    if (this.#ring.end - this.#parsed > maxDrawnBytes / 2) this.#scheduleBackground();
  }

  async #parse(until: number): Promise<void> {
    this.#skim(until - maxDrawnBytes);
    while (this.#parsed < until && !this.#disposed) {
      if (this.#pendingModes !== "") {
        const modes = this.#pendingModes;
        this.#pendingModes = "";
        // The text in between is lost: begin at a clean position with plain colours.
        await this.#write(`\x18\x1b[0m${modes}`);
        continue;
      }
      const next = this.#applyResizes(until);
      const bytes = this.#ring.read(this.#parsed, Math.min(next - this.#parsed, sliceBytes));
      this.#parsed += bytes.length;
      await this.#write(bytes);
    }
    this.#applyResizes(until);
  }

  /** Applies the resizes up to where we are; answers where the next one is, at most `until`. */
  #applyResizes(until: number): number {
    for (;;) {
      const next = this.#resizes[0];
      if (next === undefined) return until;
      if (next.offset > this.#parsed) return Math.min(next.offset, until);
      this.#resizes.shift();
      this.#cols = next.cols;
      this.#rows = next.rows;
      this.#xterm?.terminal.resize(next.cols, next.rows);
    }
  }

  #write(data: string | Buffer): Promise<void> {
    return new Promise((resolve) => {
      if (this.#xterm === null) resolve();
      else this.#xterm.terminal.write(data, resolve);
    });
  }

  /** xterm weighs some megabytes: only terminals that need a screen load it. */
  async #load(): Promise<Drawn> {
    if (this.#xterm !== null) return this.#xterm;
    const [{ default: headless }, { default: serialize }] = await Promise.all([
      import("@xterm/headless"),
      import("@xterm/addon-serialize"),
    ]);
    const terminal = new headless.Terminal({
      cols: this.#cols,
      rows: this.#rows,
      scrollback: scrollbackLines,
      allowProposedApi: true,
    });
    const serializer = new serialize.SerializeAddon();
    terminal.loadAddon(serializer as never);
    this.#xterm = { terminal, serializer };
    return this.#xterm;
  }
}
