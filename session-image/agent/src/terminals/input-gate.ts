import { execFile } from "node:child_process";

/** A program that does not read may keep the terminal's settings from being asked for. */
const askWithinMs = 1_000;

/**
 * Whether what is typed now would not be shown although lines are read whole: how programs ask for a password. What
 * cannot be asked counts as a secret.
 */
export function asksForSecret(tty: string): Promise<boolean> {
  return new Promise((resolve) => {
    // Without code of our own in C this is the way to a terminal's settings; coreutils is in every session.
    const options = { timeout: askWithinMs, env: { LC_ALL: "C", PATH: "/usr/bin:/bin" } };
    execFile("stty", ["-F", tty, "-a"], options, (error, stdout) => {
      const words = new Set(stdout.split(/[\s;]+/));
      resolve(error !== null || (words.has("icanon") && !words.has("echo")));
    });
  });
}

export interface InputGateOptions {
  /** Whether input is recorded: only then is anything asked, and does a keystroke wait for the answer. */
  recorded(): boolean;
  isSecret(): Promise<boolean>;
  record(input: string | null): void;
  write(data: string): void;
}

/** Lets input through in order, and has the terminal asked before each piece whether it may be recorded. */
export class InputGate {
  readonly #options: InputGateOptions;
  #waiting: string[] = [];
  #asking = false;

  constructor(options: InputGateOptions) {
    this.#options = options;
  }

  get waitingBytes(): number {
    return this.#waiting.reduce((sum, data) => sum + data.length, 0);
  }

  write(data: string): void {
    if (!this.#asking && !this.#options.recorded()) this.#options.write(data);
    else {
      this.#waiting.push(data);
      void this.#letThrough();
    }
  }

  async #letThrough(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    while (this.#waiting.length > 0) {
      const secret = await this.#options.isSecret();
      // What came while it was asked was typed at the same prompt, as far as anybody can tell.
      const data = this.#waiting.join("");
      this.#waiting = [];
      this.#options.record(secret ? null : data);
      this.#options.write(data);
    }
    this.#asking = false;
  }
}
