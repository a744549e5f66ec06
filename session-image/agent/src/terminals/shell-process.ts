import { readdirSync, readFileSync } from "node:fs";
import type { Socket } from "node:net";
import type { IPty } from "@lydell/node-pty";
import { nodePty } from "../lib/node-pty.ts";

export interface ShellOptions {
  readonly file: string;
  readonly args: string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cols: number;
  readonly rows: number;
  onData(data: Buffer): void;
  /** After the last byte of its output. */
  onExit(exitCode: number): void;
}

/** What node-pty keeps to itself, and we need so that a pause loses nothing. */
interface Internals {
  readonly ptsName: string;
  readonly _socket: Socket & {
    readonly _handle: { readStart(): void; readStop(): void } | null;
  };
}

/** node-pty gives a shell that has exited 200 ms to be read to its end; so do we, once we read again. */
const lastReadMs = 200;
const killAfterMs = 2_000;

/**
 * A shell on a pseudo-terminal. Its output can be held back without losing a byte, even of a shell that exits
 * meanwhile: node-pty's own pause() leaves bytes in a stream buffer which it throws away on exit, so reading is
 * stopped one level below, and its hang-up waits until reading goes on.
 */
export class ShellProcess {
  readonly #pty: IPty;
  readonly #socket: Internals["_socket"];
  #held = false;
  #exited = false;
  #hangUp: (() => void) | null = null;

  constructor(options: ShellOptions) {
    this.#pty = nodePty().spawn(options.file, options.args, {
      cwd: options.cwd,
      env: { ...options.env },
      cols: options.cols,
      rows: options.rows,
      encoding: null,
    });
    this.#socket = (this.#pty as unknown as Internals)._socket;
    this.#deferHangUp();
    // With `encoding: null` data are Buffers, whatever the declaration says.
    this.#pty.onData((data) => options.onData(data as unknown as Buffer));
    this.#pty.onExit(({ exitCode, signal }) => {
      this.#exited = true;
      options.onExit(signal === undefined || signal === 0 ? exitCode : 128 + signal);
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** The path of the terminal's device. */
  get tty(): string {
    return (this.#pty as unknown as Internals).ptsName;
  }

  /** Bytes of input that the terminal has not taken yet. */
  get pendingInputBytes(): number {
    return this.#socket.writableLength;
  }

  write(data: string): void {
    if (!this.#exited && !this.#socket.destroyed) this.#pty.write(data);
  }

  resize(cols: number, rows: number): void {
    if (!this.#exited && !this.#socket.destroyed) this.#pty.resize(cols, rows);
  }

  /** Stops reading: what the shell's programs write on fills the kernel's buffer, then they wait. */
  hold(): void {
    if (this.#held || this.#exited) return;
    this.#held = true;
    this.#socket._handle?.readStop();
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    if (this.#exited) return;
    this.#socket._handle?.readStart();
    const hangUp = this.#hangUp;
    this.#hangUp = null;
    if (hangUp !== null) setTimeout(() => this.#hangUpUnlessHeld(hangUp), lastReadMs);
  }

  /** Hangs up: the kernel tells every program on this terminal. Who does not listen is killed. */
  close(): void {
    this.#held = false;
    const { pid } = this;
    if (!this.#exited) {
      signal(pid, "SIGHUP");
      setTimeout(() => killSession(pid), killAfterMs).unref();
    }
    this.#socket.destroy();
  }

  /** At once, with everything that was started from it. */
  kill(): void {
    killSession(this.pid);
  }

  #deferHangUp(): void {
    const destroy = this.#socket.destroy.bind(this.#socket);
    this.#socket.destroy = (error?: Error) => {
      if (error === undefined && this.#held) this.#hangUp = destroy;
      else destroy(error);
      return this.#socket;
    };
  }

  #hangUpUnlessHeld(hangUp: () => void): void {
    if (this.#held) this.#hangUp = hangUp;
    else hangUp();
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
}

/** Kills every process of the terminal's session (the shell leads it), whatever process group it is in. */
function killSession(leader: number): void {
  for (const name of processIds()) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      // After the command's name, which may hold anything: state, parent, group, session.
      const session = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3]);
      if (session === leader) signal(Number(name), "SIGKILL");
    } catch {
      // It ended while we looked.
    }
  }
}

function processIds(): string[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}
