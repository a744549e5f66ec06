import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type ActOutcome, AppError } from "@remote-claude/protocol";
import type { Logger } from "../lib/log.ts";

/** Whoever asks does so within minutes; older acts are forgotten. */
const kept = 2000;
const maxLines = 8000;

const letters = { b: "unknown", d: "done", f: "failed", x: "never" } as const satisfies Record<
  string,
  ActOutcome
>;
type Letter = keyof typeof letters;

/**
 * What became of the acts that the api gave a number, in a file that outlives the agent: a line when one begins and
 * one when it has ended (not fsynced: they survive the death of this process). So an api that was killed before it
 * could record what it had asked for is told by the next one's question.
 */
export class ActJournal {
  readonly #path: string;
  readonly #log: Logger;
  readonly #outcomes = new Map<string, ActOutcome>();
  #file: number | null = null;
  #lines = 0;

  constructor(directory: string, log: Logger) {
    this.#path = join(directory, "acts");
    this.#log = log;
    mkdirSync(directory, { recursive: true });
    this.#load();
  }

  /**
   * Does it, and notes that it began and how it ended. Without a number it is only done. One that is asked for again
   * under its number has happened once it has been done, whatever became of the other tries.
   */
  perform<Result>(id: string | undefined, work: () => Result): Result {
    if (id === undefined) return work();
    if (this.#outcomes.get(id) === "never") {
      throw new AppError("unavailable", "Whoever asked for this is gone, and it was not begun.");
    }
    const isDone = () => this.#outcomes.get(id) === "done";
    const failed = (): void => {
      if (!isDone()) this.#note(id, "f");
    };
    if (!isDone()) {
      this.#note(id, "b");
      this.#outcomes.set(id, "running");
    }
    try {
      const result = work();
      if (!(result instanceof Promise)) this.#note(id, "d");
      else
        return result.then(
          (value) => {
            this.#note(id, "d");
            return value;
          },
          (error: unknown) => {
            failed();
            throw error;
          },
        ) as Result;
      return result;
    } catch (error) {
      failed();
      throw error;
    }
  }

  /** How each ended. One that has not come by now will not count any more. */
  outcomes(ids: readonly string[]): { id: string; outcome: ActOutcome }[] {
    return ids.map((id) => {
      const outcome = this.#outcomes.get(id);
      if (outcome === undefined) this.#note(id, "x");
      return { id, outcome: outcome ?? "never" };
    });
  }

  #note(id: string, letter: Letter): void {
    this.#outcomes.delete(id);
    this.#outcomes.set(id, letters[letter]);
    if (this.#outcomes.size > kept) this.#forgetOne();
    try {
      if (this.#lines >= maxLines) this.#rewrite();
      this.#file ??= openSync(this.#path, "a", 0o600);
      writeSync(this.#file, `${letter} ${id}\n`);
      this.#lines += 1;
    } catch (error) {
      // A full disk must not keep anybody from making room.
      this.#log.warn({ error: String(error) }, "an act was not noted");
    }
  }

  /** The oldest that has ended: one that runs is still to be asked for. */
  #forgetOne(): void {
    for (const [id, outcome] of this.#outcomes) {
      if (outcome === "running") continue;
      this.#outcomes.delete(id);
      return;
    }
  }

  #rewrite(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
    const letterOf: Record<ActOutcome, Letter> = {
      done: "d",
      failed: "f",
      never: "x",
      unknown: "b",
      running: "b",
    };
    const lines = [...this.#outcomes].map(([id, outcome]) => `${letterOf[outcome]} ${id}\n`);
    writeFileSync(`${this.#path}.new`, lines.join(""), { mode: 0o600 });
    renameSync(`${this.#path}.new`, this.#path);
    this.#lines = lines.length;
  }

  #load(): void {
    let text = "";
    try {
      text = readFileSync(this.#path, "utf8");
    } catch {
      // The first start in this home.
    }
    for (const line of text.split("\n")) {
      const [, letter, id] = /^([bdfx]) ([0-9a-f-]{36})$/.exec(line) ?? [];
      this.#lines += 1;
      if (letter === undefined || id === undefined) continue;
      this.#outcomes.delete(id);
      this.#outcomes.set(id, letters[letter as Letter]);
    }
    // A line that was cut is followed by a whole one.
    if (text !== "" && !text.endsWith("\n")) this.#lines = maxLines;
  }
}
