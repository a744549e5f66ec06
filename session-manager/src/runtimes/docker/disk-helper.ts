import { once } from "node:events";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { AppError } from "@remote-claude/protocol";
import type Docker from "dockerode";
import { engineCall, unlessGone } from "./engine.ts";
import { type HelperJob, type HelperSurroundings, helperOptions } from "./helper.ts";

export interface DiskHelperOptions extends HelperSurroundings {
  /** By its name, what each job does: shell, with the job's arguments as $1 and on. Never text of anybody else. */
  readonly scripts: Readonly<Record<string, string>>;
  readonly container: Omit<HelperJob, "script" | "args">;
}

const hasEnded = "What works on sessions' disks has ended; try again.";

interface Waiting {
  resolve(output: string): void;
  reject(error: Error): void;
}

interface Standing {
  readonly container: Docker.Container;
  readonly stream: NodeJS.ReadWriteStream;
  readonly waiting: Map<number, Waiting>;
  /** Its connection is gone, and so is it. */
  readonly ended: Promise<unknown>;
}

/** Jobs run beside each other; what one has to say comes as one line, which no other can fall into. */
const loop = (names: readonly string[]) => `
while read -r id job arguments; do
  case $job in ${names.join("|")}) ;; *) continue ;; esac
  (
    output=$("$job" $arguments 2>&1)
    printf '%s %s %s\\n' "$id" "$?" "$(printf %s "$output" | tail -c 2000 | base64 -w 0)"
  ) &
done
wait`;

/**
 * One helper container that stands by for as long as session-manager runs, because a container of its own for each disk
 * took as long as a session's. It has what a short-lived one had (helper.ts), hears jobs on its standard input alone,
 * and ends, and is removed by the engine, when that closes: with session-manager, whatever becomes of it.
 */
export class DiskHelper {
  readonly #options: DiskHelperOptions;
  #standing: Promise<Standing> | null = null;
  #lastId = 0;

  constructor(options: DiskHelperOptions) {
    this.#options = options;
  }

  /** Answers what the job printed. Its arguments are words of ours: no white space, nothing that a shell expands. */
  async run(job: string, args: readonly string[]): Promise<string> {
    if (![job, ...args].every((word) => /^[\w.-]+$/.test(word)))
      throw new Error(`no job for a shell: ${job}`);
    const standing = await this.#ensure();
    if (!standing.stream.writable) throw new AppError("unavailable", hasEnded);
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      standing.waiting.set(id, { resolve, reject });
      standing.stream.write(`${[id, job, ...args].join(" ")}\n`);
    });
  }

  /** Whether it was needed by now. */
  get stands(): boolean {
    return this.#standing !== null;
  }

  async close(): Promise<void> {
    const standing = await this.#standing?.catch(() => null);
    this.#standing = null;
    if (standing) await unlessGone(() => standing.container.remove({ force: true })).catch(() => undefined);
  }

  #ensure(): Promise<Standing> {
    if (this.#standing === null) {
      const begun = this.#begin();
      this.#standing = begun;
      const forget = () => {
        if (this.#standing === begun) this.#standing = null;
      };
      begun.then(({ ended }) => ended).then(forget, forget);
    }
    return this.#standing;
  }

  #begin(): Promise<Standing> {
    const { docker, image, scripts, container: settings } = this.#options;
    const functions = Object.entries(scripts).map(([name, body]) => `${name}() (\n${body})\n`);
    const script = functions.join("") + loop(Object.keys(scripts));
    const options = helperOptions(this.#options, { ...settings, script, args: [] });
    return engineCall(async () => {
      const container = await docker.createContainer({
        ...options,
        HostConfig: { ...options.HostConfig, AutoRemove: true },
        OpenStdin: true,
        StdinOnce: true,
      });
      const attach = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true };
      const stream = await container.attach(attach);
      await container.start();
      return this.#follow(container, stream);
    }, image);
  }

  #follow(container: Docker.Container, stream: NodeJS.ReadWriteStream): Standing {
    const waiting = new Map<number, Waiting>();
    const output = new PassThrough();
    this.#options.docker.modem.demuxStream(stream, output, new PassThrough().resume());
    createInterface({ input: output }).on("line", (line) => settle(waiting, line));
    const giveUp = () => {
      for (const { reject } of waiting.values()) {
        reject(new AppError("unavailable", hasEnded));
      }
      waiting.clear();
    };
    const ended = once(stream, "close").then(giveUp, giveUp);
    return { container, stream, waiting, ended };
  }
}

function settle(waiting: Map<number, Waiting>, line: string): void {
  const [id, code, encoded = ""] = line.split(" ");
  const job = waiting.get(Number(id));
  if (job === undefined) return;
  waiting.delete(Number(id));
  const output = Buffer.from(encoded, "base64").toString("utf8").trim();
  if (code === "0") job.resolve(output);
  else if (/No space left on device/i.test(output)) {
    job.reject(new AppError("disk_full", "The server's disk is full."));
  } else job.reject(new Error(`helper ended with ${code}: ${output.slice(-500)}`));
}
