import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ModelRequest } from "./model-request.ts";
import { fillIn, parseScript, type Script, type Step } from "./script.ts";

/** One script being played for one prompt of one conversation. */
interface Run {
  readonly script: Script;
  step: number;
  /** Requests that the current step has answered. */
  answered: number;
}

const fallback: Script = { steps: [{ content: [{ type: "text", text: "Hello from the scripted model." }] }] };
const noMoreSteps: Step = { content: [{ type: "text", text: "Done." }] };
const sideStep: Step = { content: [{ type: "text", text: "Scripted title" }], usage: { outputTokens: 3 } };

/** Decides which step answers a request. */
export class Director {
  readonly #directory: string;
  readonly #scripts = new Map<string, Script>();
  readonly #queue: { script: Script; session: string | undefined }[] = [];
  readonly #runs = new Map<string, Run>();
  #default: Script = fallback;

  constructor(directory = fileURLToPath(new URL("./scripts/", import.meta.url))) {
    this.#directory = directory;
  }

  /** A script by name, beside those in the directory. */
  define(name: string, script: unknown): void {
    this.#scripts.set(name, parseScript(script, name));
  }

  /** Plays when no marker names one; first in, first out; for one conversation if `session` is given. */
  enqueue(script: unknown, session?: string): void {
    const found = typeof script === "string" ? this.#find(script) : parseScript(script, "enqueued");
    if (found === undefined) throw new Error(`no script is named ${String(script)}`);
    this.#queue.push({ script: found, session });
  }

  setDefault(script: unknown): void {
    this.#default = parseScript(script, "default");
  }

  /** Forgets queue and runs; defined scripts stay. */
  reset(): void {
    this.#queue.length = 0;
    this.#runs.clear();
    this.#default = fallback;
  }

  /** The step that answers this request; it counts as played. */
  next(request: ModelRequest): Step {
    if (request.side) return sideStep;
    const key = `${request.session}\n${request.firstPrompt}\n${request.promptNumber}\n${request.prompt}`;
    let run = this.#runs.get(key);
    if (run === undefined) {
      run = { script: this.#choose(request), step: 0, answered: 0 };
      this.#runs.set(key, run);
    }
    const step = run.script.steps[run.step];
    if (step === undefined) return noMoreSteps;
    if (++run.answered >= (step.times ?? 1)) {
      run.step += 1;
      run.answered = 0;
    }
    const { workspace, prompt, planFile } = request;
    return fillIn(step, { workspace, prompt, planFile });
  }

  #choose(request: ModelRequest): Script {
    // The last one counts: a prompt that was stopped may be sent again together with the next.
    const name = [...request.prompt.matchAll(/\[\[script:([\w-]+)\]\]/g)].at(-1)?.[1];
    if (name !== undefined) {
      const missing: Script = {
        steps: [{ content: [{ type: "text", text: `There is no script ${name}.` }] }],
      };
      return this.#find(name) ?? missing;
    }
    const index = this.#queue.findIndex(
      ({ session }) => session === undefined || session === request.session,
    );
    return this.#queue.splice(index, index === -1 ? 0 : 1)[0]?.script ?? this.#default;
  }

  #find(name: string): Script | undefined {
    const defined = this.#scripts.get(name);
    if (defined !== undefined || !/^[\w-]+$/.test(name)) return defined;
    const path = `${this.#directory}/${name}.json`;
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
    return parseScript(JSON.parse(readFileSync(path, "utf8")), name);
  }
}
