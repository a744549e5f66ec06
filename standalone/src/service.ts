import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { Handover, type Upgrade } from "@remote-claude/service/handover";
import { settingsExitStatus } from "@remote-claude/service/settings";
import { type Crash, Crashes, type CrashPolicy, defaultCrashPolicy } from "./crashes.ts";
import { Failure } from "./failure.ts";
import type { LogFile } from "./log-file.ts";
import { identify, type ProcessIdentity } from "./process-identity.ts";
import { readableLine, type Terminal, warningIn } from "./terminal.ts";

/** How to run one service. */
export interface ServiceDefinition {
  readonly name: string;
  /** What Node is given: flags, script, arguments. */
  readonly args: readonly string[];
  readonly cwd: string;
  /** All of its environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Added to it until it has been ready once, and not when it is started again after that. */
  readonly firstEnv?: Readonly<Record<string, string>>;
  /** Where it listens on 127.0.0.1 once it is ready. */
  readonly port: number;
  /** What does not work while it is away, as part of a sentence; null: nothing does. */
  readonly lostWithoutIt: string | null;
}

export interface ServiceOptions {
  readonly log: LogFile;
  readonly terminal: Terminal;
  readonly node?: string;
  /** Show all of its output (development). */
  readonly verbose?: boolean;
  /** It cannot be started, and the product is nothing without it or not meant to run so: nothing more is tried. */
  readonly onGivenUp: (failure: Failure) => void;
  /** Its process changed. */
  readonly onProcess?: (identity: ProcessIdentity | null) => void;
  readonly policy?: Partial<ServicePolicy>;
}

export interface ServicePolicy extends CrashPolicy {
  readonly readyTimeoutMs: number;
  /** Between SIGTERM and SIGKILL. */
  readonly stopTimeoutMs: number;
}

const defaultPolicy: ServicePolicy = {
  ...defaultCrashPolicy,
  readyTimeoutMs: 90_000,
  stopTimeoutMs: 8_000,
};

/**
 * A small young generation: measured, it saves 5 to 20 MB in each service, and what they move fast (terminal output,
 * files, streams) is outside of V8's heap anyway.
 */
const memoryFlags = ["--max-semi-space-size=2"];

type State = "idle" | "starting" | "ready" | "waiting" | "restarting" | "stopping" | "stopped";

/**
 * A service in a process of its own. It is restarted when it crashes, less and less eagerly; one without which
 * nothing works is given up when it does not start any more. `stop` ends it for good. Its process leads a process group, so that Ctrl-C at the terminal reaches the
 * supervisor alone, which ends things in order.
 */
export class Service {
  readonly definition: ServiceDefinition;
  readonly #options: ServiceOptions;
  readonly #policy: ServicePolicy;
  readonly #crashes: Crashes;
  readonly #lastLines: string[] = [];
  #state: State = "idle";
  /** That it crashes again and again was said, and not yet that it is over. */
  #saidTrouble = false;
  #child: ChildProcess | null = null;
  #handover: Handover | null = null;
  #restartTimer: NodeJS.Timeout | undefined;
  #steadyTimer: NodeJS.Timeout | undefined;
  #started = Promise.withResolvers<void>();

  constructor(definition: ServiceDefinition, options: ServiceOptions) {
    this.definition = definition;
    this.#options = options;
    this.#policy = { ...defaultPolicy, ...options.policy };
    this.#crashes = new Crashes(this.#policy);
    // Whoever starts it hears of a failure; nobody has to.
    this.#started.promise.catch(() => undefined);
  }

  get state(): State {
    return this.#state;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Resolves when it listens for the first time or the others go on without it; rejects when it is given up. */
  start(): Promise<void> {
    if (this.#state === "idle") this.#spawn();
    return this.#started.promise;
  }

  /** Gives it a WebSocket's connection (Handover.give); false, and nothing is done, unless it is ready. */
  handOver(upgrade: Upgrade, refuse: () => void): boolean {
    return this.#state === "ready" && this.#handover?.give(upgrade, refuse) === true;
  }

  /** Asks it to end, then makes it; resolves when no process of it is left. */
  async stop(): Promise<void> {
    clearTimeout(this.#restartTimer);
    clearTimeout(this.#steadyTimer);
    this.#started.reject(new Failure(`${this.definition.name} was stopped`));
    const child = this.#child;
    if (child === null) {
      this.#state = "stopped";
      return;
    }
    this.#state = "stopping";
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const timer = setTimeout(() => this.kill(), this.#policy.stopTimeoutMs);
    await ended;
    clearTimeout(timer);
  }

  /**
   * Starts it anew (its code changed). `"gently"` asks it to end; `"abruptly"` leaves it no time to tidy up, which
   * is what a service needs whose end would end others.
   */
  restart(how: "gently" | "abruptly"): void {
    if (this.#state === "waiting") {
      clearTimeout(this.#restartTimer);
      this.#spawn();
    } else if (this.#child !== null && (this.#state === "ready" || this.#state === "starting")) {
      this.#state = "restarting";
      if (how === "abruptly") this.kill();
      else this.#child.kill("SIGTERM");
      const child = this.#child;
      const timer = setTimeout(() => killGroup(child.pid ?? null), this.#policy.stopTimeoutMs);
      child.once("exit", () => clearTimeout(timer));
    }
  }

  /** Ends its whole process group at once. */
  kill(): void {
    killGroup(this.pid);
  }

  #spawn(): void {
    this.#state = "starting";
    const { args, cwd, env, firstEnv, name } = this.definition;
    const launcher = fileURLToPath(new URL("../src/end-with-parent.mjs", import.meta.url));
    const child = spawn(this.#options.node ?? process.execPath, [...memoryFlags, launcher, ...args], {
      cwd,
      env: { ...env, ...(this.#crashes.wasReady ? {} : firstEnv) },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      detached: true,
    });
    this.#child = child;
    this.#handover = new Handover(child);
    this.#options.onProcess?.(child.pid === undefined ? null : identify(child.pid));
    this.#follow(child.stdout, true);
    this.#follow(child.stderr, false);
    child.once("error", (error) => this.#remember(`${name} could not be started: ${error.message}`));
    // "exit" does not come if it could not be started at all.
    child.once(child.pid === undefined ? "error" : "exit", () => this.#ended(child));
    void this.#waitUntilReady(child);
  }

  #follow(stream: Readable | null, json: boolean): void {
    if (stream === null) return;
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", (line) => {
      this.#options.log.writeLine(line);
      this.#remember(line);
      if (this.#options.verbose === true)
        this.#options.terminal.say(`${this.definition.name} │ ${readableLine(line)}`);
      const warning = json ? warningIn(line) : null;
      if (warning !== null) this.#options.terminal.warn(this.definition.name, warning);
    });
  }

  #remember(line: string): void {
    this.#lastLines.push(line);
    if (this.#lastLines.length > 20) this.#lastLines.shift();
  }

  async #waitUntilReady(child: ChildProcess): Promise<void> {
    const deadline = Date.now() + this.#policy.readyTimeoutMs;
    while (this.#child === child && this.#state === "starting") {
      if (await accepts(this.definition.port)) {
        if (this.#child !== child || this.#state !== "starting") return;
        this.#becomeReady();
        return;
      }
      if (Date.now() > deadline) {
        this.#remember(`not ready after ${this.#policy.readyTimeoutMs / 1000} s`);
        killGroup(child.pid ?? null);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  #becomeReady(): void {
    this.#state = "ready";
    this.#crashes.becameReady();
    this.#started.resolve();
    this.#steadyTimer = setTimeout(() => {
      this.#crashes.becameSteady();
      if (this.#saidTrouble) this.#options.terminal.warn(this.definition.name, "runs again");
      this.#saidTrouble = false;
    }, this.#policy.steadyMs);
  }

  #ended(child: ChildProcess): void {
    if (this.#child !== child) return;
    clearTimeout(this.#steadyTimer);
    // What it started itself must not outlive it.
    killGroup(child.pid ?? null);
    this.#child = null;
    this.#options.onProcess?.(null);
    if (this.#state === "stopping") {
      this.#state = "stopped";
      return;
    }
    if (this.#state === "restarting") {
      this.#spawn();
      return;
    }
    this.#crashed(child);
  }

  #crashed({ exitCode, signalCode }: ChildProcess): void {
    const how = signalCode ?? `exit status ${exitCode ?? "unknown"}`;
    const crash = this.#crashes.add({ failedStart: this.#state === "starting" });
    const refusesSettings = exitCode === settingsExitStatus && !this.#crashes.wasReady;
    if (refusesSettings) this.#giveUp("cannot start with its settings");
    else if (crash.isHopeless && this.definition.lostWithoutIt === null)
      this.#giveUp(`ended ${crash.failedStartsInARow} times in a row (${how})`);
    else this.#retry(how, crash);
  }

  /** After a while. Trouble is said once, and what is no vital service is not waited for any longer. */
  #retry(how: string, { inARow, isTrouble, delayMs }: Crash): void {
    this.#state = "waiting";
    this.#restartTimer = setTimeout(() => this.#spawn(), delayMs);
    const { terminal, log } = this.#options;
    const { name, lostWithoutIt } = this.definition;
    if (isTrouble && lostWithoutIt !== null) this.#started.resolve();
    if (this.#saidTrouble) return;
    this.#saidTrouble = isTrouble;
    const lost = lostWithoutIt === null ? "nothing works" : `${lostWithoutIt}; everything else goes on`;
    const trouble = `ended ${inARow} times in a row (${how}). Until it runs again ${lost}. It is tried again, at least once a minute. Its log: ${log.path}`;
    terminal.warn(name, isTrouble ? trouble : `ended (${how}); starting it again`);
  }

  #giveUp(what: string): void {
    this.#state = "stopped";
    const tail = this.#lastLines.slice(-12).map((line) => `  │ ${readableLine(line)}`);
    const failure = new Failure(
      `${this.definition.name} ${what}${tail.length === 0 ? "" : `. The end of its log:\n\n${tail.join("\n")}`}`,
      `The whole log: ${this.#options.log.path}`,
    );
    this.#started.reject(failure);
    this.#options.onGivenUp(failure);
  }
}

/** Whether something accepts connections on a loopback port. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const answer = (value: boolean) => {
      socket.destroy();
      resolve(value);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
  });
}

/** SIGKILL to every process of a group; none left is fine. */
export function killGroup(leader: number | null): void {
  if (leader === null) return;
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // All of them have ended.
  }
}
