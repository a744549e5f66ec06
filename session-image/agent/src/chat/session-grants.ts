import { readFileSync, renameSync, writeFileSync } from "node:fs";
import * as z from "zod";

const Stored = z.object({ rules: z.array(z.string()), directories: z.array(z.string()) });

/** Rules in the spelling of Claude Code's settings, and directories outside the workspace. */
export interface Granted {
  readonly rules: readonly string[];
  readonly directories: readonly string[];
}

/** What people allowed for the session: told to every Claude Code process of it, now and later. */
export class SessionGrants {
  readonly #path: string;
  readonly #onUnwritable: (error: unknown) => void;
  /** Tells the living processes. */
  tell: () => Promise<void> = async () => {};
  #granted: Granted;

  constructor(path: string, onUnwritable: (error: unknown) => void) {
    this.#path = path;
    this.#onUnwritable = onUnwritable;
    this.#granted = read(path);
  }

  get value(): Granted {
    return this.#granted;
  }

  /** Resolves when every living process knows. */
  async add({ rules, directories }: Granted): Promise<void> {
    const before = this.#granted;
    await this.#change({
      rules: [...new Set([...before.rules, ...rules])],
      directories: [...new Set([...before.directories, ...directories])],
    });
  }

  async removeRule(rule: string): Promise<void> {
    const { rules, directories } = this.#granted;
    await this.#change({ rules: rules.filter((other) => other !== rule), directories });
  }

  async #change(granted: Granted): Promise<void> {
    this.#granted = granted;
    try {
      writeFileSync(`${this.#path}.new`, JSON.stringify(granted), { mode: 0o600 });
      renameSync(`${this.#path}.new`, this.#path);
    } catch (error) {
      // A full disk: memory has it, and the next change tries again.
      this.#onUnwritable(error);
    }
    await this.tell();
  }
}

function read(path: string): Granted {
  try {
    return Stored.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    // Not there yet, or not what this program wrote.
    return { rules: [], directories: [] };
  }
}
