import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pageFiles } from "../../web/src/server/serve-static.ts";
import { fetchWelcome, welcomeLines } from "./announce.ts";
import type { Config } from "./config.ts";
import { developmentCrashPolicy } from "./crashes.ts";
import { ensureDataDirectory, lockDataDirectory } from "./data-directory.ts";
import { type Database, openDatabase } from "./database.ts";
import { type DockerOffer, findDockerOffer } from "./docker-offer.ts";
import { Failure } from "./failure.ts";
import { type Gateway, openGateway } from "./gateway.ts";
import { endLeftoverServices, ServiceRecord } from "./leftovers.ts";
import { LogFile } from "./log-file.ts";
import { freePorts } from "./ports.ts";
import { ensureRunDirectory } from "./run-directory.ts";
import { ensureSecrets, type Secrets } from "./secrets.ts";
import { Service, type ServiceDefinition } from "./service.ts";
import { defineServices, type Ports, type Setting } from "./services.ts";
import type { Terminal } from "./terminal.ts";

export interface SupervisorOptions {
  readonly config: Config;
  /** The folder of the project. */
  readonly root: string;
  readonly terminal: Terminal;
  /** Something ended for good, and the product cannot go on without it. */
  readonly onFatal: (failure: Failure) => void;
  /** When the start began, by performance.now(). */
  readonly startedAt?: number;
}

/** What to go on with when something asked for long ago is still not there. */
const soon = <T>(otherwise: T) => new Promise<T>((resolve) => setTimeout(resolve, 50, otherwise));

/** The whole product in one process tree: database, services, and the gateway in this process. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #services = new Map<string, Service>();
  readonly #logs: LogFile[] = [];
  #record: ServiceRecord | null = null;
  #gateway: Gateway | null = null;
  #database: Database | null = null;
  #unlock: (() => void) | null = null;
  #starting: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | null = null;
  #developing: { stop(): Promise<void> } | null = null;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Starts everything; rejects, with all stopped again, if any part cannot. */
  async start(): Promise<void> {
    try {
      this.#starting = this.#start();
      await this.#starting;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async #start(): Promise<void> {
    const { config, root, terminal } = this.#options;
    const startedAt = this.#options.startedAt ?? performance.now();
    // Meanwhile: nobody waits for an engine.
    const docker = findDockerOffer(config);
    ensureDataDirectory(config.dataDir);
    this.#unlock = lockDataDirectory(config.dataDir, config.publicUrl);
    const ports = await choosePorts();
    const { host, port, publicUrl } = config;
    this.#gateway = await openGateway({
      host,
      port,
      publicUrl,
      apiPort: ports.api,
      webPort: ports.web,
      // In development they are made when they are asked for.
      ...(config.dev ? {} : { files: pageFiles(join(root, "web")) }),
      handOver: (upgrade, refuse) => this.#services.get("api")?.handOver(upgrade, refuse) ?? false,
    });
    await endLeftoverServices(config.dataDir);
    this.#assertGoingOn();
    this.#record = new ServiceRecord(config.dataDir);
    mkdirSync(this.#logsDir, { recursive: true, mode: 0o700 });
    const secrets = ensureSecrets(config.dataDir);
    const runDir = ensureRunDirectory(config.dataDir, undefined, config.environment.XDG_RUNTIME_DIR);
    for (const name of ["places", "artifacts"])
      mkdirSync(join(config.dataDir, name), { recursive: true, mode: 0o700 });
    this.#database = await openDatabase({
      config,
      root,
      secrets,
      log: this.#openLog("database"),
      terminal,
      onFatal: (failure) => this.#fatal(failure),
    });
    this.#assertGoingOn();
    const setting = { config, secrets, root, runDir, databaseUrl: this.#database.url, ports };
    await this.#startServices(setting);
    await this.#announce(ports, secrets, { startedAt, docker });
  }

  /** A start that is overtaken by `stop` goes no further. */
  #assertGoingOn(): void {
    if (this.#stopped !== null) throw new Failure("Stopped before everything was started");
  }

  async #startServices(setting: Setting): Promise<void> {
    if (setting.config.dev) {
      const { startDevelopment } = await import("./development.ts");
      this.#developing = await startDevelopment({
        root: setting.root,
        terminal: this.#options.terminal,
        restart: (name, how) => this.#services.get(name)?.restart(how),
      });
    }
    this.#assertGoingOn();
    for (const definition of defineServices(setting))
      this.#services.set(definition.name, this.#createService(definition));
    await Promise.all([...this.#services.values()].map((service) => service.start()));
  }

  #createService(definition: ServiceDefinition): Service {
    return new Service(definition, {
      log: this.#openLog(definition.name),
      terminal: this.#options.terminal,
      verbose: this.#options.config.dev,
      policy: this.#options.config.dev ? developmentCrashPolicy : {},
      onGivenUp: (failure) => this.#fatal(failure),
      onProcess: (identity) => this.#record?.set(definition.name, identity),
    });
  }

  async #announce(
    ports: Ports,
    secrets: Secrets,
    { startedAt, docker }: { startedAt: number; docker: Promise<DockerOffer> },
  ): Promise<void> {
    const { config, terminal } = this.#options;
    const welcome = await fetchWelcome(
      `http://127.0.0.1:${ports.api}`,
      secrets.internalSecret,
      config.publicUrl,
    );
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const lines = welcomeLines(welcome, {
      dataDir: config.dataDir,
      seconds,
      logsDir: this.#logsDir,
      docker: await Promise.race([docker, soon("none" as const)]),
    });
    for (const line of lines) terminal.say(line);
  }

  #fatal(failure: Failure): void {
    // A part that ends while everything is being stopped is no news.
    if (this.#stopped === null) this.#options.onFatal(failure);
  }

  get #logsDir(): string {
    return join(this.#options.config.dataDir, "logs");
  }

  #openLog(name: string): LogFile {
    const log = new LogFile(join(this.#logsDir, `${name}.log`));
    this.#logs.push(log);
    return log;
  }

  /** Stops everything in order: first the door, then who uses the others, the database last. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    await this.#developing?.stop();
    this.#gateway?.close();
    // What is still being started ends by this, or is waited for.
    if (this.#services.size === 0) await this.#starting.catch(() => undefined);
    // The api lets go of agents and the queue first; session-manager then ends the agents.
    await this.#stopServices("api", "web");
    await this.#stopServices("session-manager");
    await this.#stopServices("egress");
    await this.#starting.catch(() => undefined);
    await this.#database?.stop();
    await Promise.all(this.#logs.map((log) => log.close()));
    this.#record?.remove();
    this.#unlock?.();
  }

  async #stopServices(...names: string[]): Promise<void> {
    await Promise.all(names.map((name) => this.#services.get(name)?.stop()));
  }

  /** Ends every process of the services now, without asking. */
  kill(): void {
    for (const service of this.#services.values()) service.kill();
  }
}

async function choosePorts(): Promise<Ports> {
  const [api = 0, manager = 0, egress = 0, web = 0] = await freePorts(4);
  return { api, manager, egress, web };
}
