import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TurnResult } from "@remote-claude/protocol";
import { expect } from "vitest";
import { ScriptedModel } from "../scripted-model/index.ts";
import { Client } from "../testing/client.ts";
import { bringTools } from "../testing/inside.ts";
import { addMember } from "../testing/members.ts";
import { Product } from "../testing/product.ts";
import { makeProject, type Project } from "../testing/project.ts";
import { PublicStandIn } from "../testing/public-stand-in.ts";
import { buildSessionImage } from "../testing/stack.ts";
import { StandInResolver } from "../testing/stand-in-resolver.ts";
import { Outside } from "../testing/ways-out.ts";

const run = promisify(execFile);

/** Built on ours, as an admin builds one; not there until a test makes it. */
export const ownImage = `remote-claude/e2e-own-${process.pid}`;

/** Small, so that whoever exhausts it does so soon. */
const limits = `
    limits:
      memoryMb: { default: 512, max: 512 }
      cpus: { default: 1, max: 1 }
      diskMb: { default: 256, max: 256 }
      pids: { default: 256, max: 256 }`;
const templates = `templates:
  - name: small${limits}
  - name: closed${limits}
    egress: { policy: none }
  - name: open${limits}
    egress: { policy: open }
  - name: brief${limits}
    idle: { action: pause, afterMinutes: 0.5 }
  - name: gvisor${limits}
    runtime: runsc
  - name: own${limits}
    image: ${ownImage}
`;

/** Names that egress finds. Whoever is asked for any other name is told that there is none. */
export const names = {
  /** A host that is nobody's here: on the network of a stand-in for the public internet. */
  public: "public.example",
  /** Likewise, and on the list of hosts. */
  listed: "listed.example",
  /** A public name that leads to this machine. */
  rebinding: "rebinding.example",
} as const;

/** Why there is no resolver and no public host to stand in; null when there are. */
export const standInUnavailable =
  process.geteuid?.() === 0 ? null : "only root can give the product another resolver";

/** The product with sessions in containers: an attacker, a neighbour, and what lies outside. */
export class Scene {
  readonly outside = new Outside();
  readonly model = new ScriptedModel();
  readonly publicHost = new PublicStandIn(names.public);
  readonly resolver = new StandInResolver({
    [names.public]: this.publicHost.address,
    [names.listed]: this.publicHost.address,
    [names.rebinding]: "172.17.0.1",
  });
  product!: Product;
  client!: Client;
  /** Of another person. */
  neighbourClient!: Client;
  attacker!: string;
  neighbour!: string;
  attackerPlace!: string;
  neighbourPlace!: string;
  /** Stands for any service of this machine, on every address of it. */
  bystanderPort = 0;
  #project: Project | null = null;
  #folder = "";
  readonly #bystander: Server = createServer((socket) => socket.end("reached"));

  async open(): Promise<void> {
    await buildSessionImage();
    this.#folder = await mkdtemp(join(tmpdir(), "rc-escape-"));
    this.#project = await makeProject();
    await Promise.all([
      this.outside.open(this.#project),
      this.model.listen(),
      this.publicHost.open(),
      standInUnavailable === null ? this.resolver.listen() : null,
      new Promise<void>((resolve) => this.#bystander.listen(0, "0.0.0.0", resolve)),
    ]);
    const address = this.#bystander.address();
    this.bystanderPort = typeof address === "object" && address !== null ? address.port : 0;
    this.product = await this.#start();
    this.client = await Client.signIn(this.product);
    this.neighbourClient = await addMember(this.product);
    [this.attacker, this.neighbour] = (
      await Promise.all([
        this.client.createSession({ name: "Attacker", template: "small" }),
        this.neighbourClient.createSession({ name: "Neighbour", template: "small" }),
      ])
    ).map(({ id }) => id) as [string, string];
    [this.attackerPlace, this.neighbourPlace] = (await Promise.all(
      [this.attacker, this.neighbour].map((id) => this.placeOf(id)),
    )) as [string, string];
    await bringTools(this.client, this.attacker);
  }

  async #start(): Promise<Product> {
    const file = (name: string) => join(this.#folder, name);
    await writeFile(file("templates.yaml"), templates);
    await this.resolver.writeSettings(file("resolv.conf"));
    const trusted = await readFile(this.outside.environment.NODE_EXTRA_CA_CERTS ?? "", "utf8");
    await writeFile(file("trusted.pem"), `${trusted}\n${this.publicHost.certificate.cert}`);
    return Product.start({
      modelUrl: this.model.url,
      allowedHosts: `${this.outside.hosts},${names.listed}`,
      ...(standInUnavailable === null ? { resolvConf: file("resolv.conf") } : {}),
      environment: {
        SESSION_RUNTIME: "docker",
        TEMPLATES_FILE: file("templates.yaml"),
        NODE_EXTRA_CA_CERTS: file("trusted.pem"),
      },
    });
  }

  async close(): Promise<void> {
    await this.client?.call("DELETE", `/api/sessions/${this.attacker}`).catch(() => undefined);
    await this.neighbourClient?.call("DELETE", `/api/sessions/${this.neighbour}`).catch(() => undefined);
    await this.product?.stop();
    this.#bystander.close();
    await Promise.all([this.outside.close(), this.model.close(), this.publicHost.close()]);
    if (standInUnavailable === null) await this.resolver.close();
    await this.#project?.remove();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async placeOf(sessionId: string): Promise<string> {
    return (await (await this.product.database()).place.findFirstOrThrow({ where: { sessionId } })).id;
  }

  /** As a program in the attacker's session: what it said on either way out. */
  async attack(command: string): Promise<string> {
    const { stdout, stderr } = await this.client.execute(this.attacker, command);
    return `${stdout}${stderr}`.trim();
  }

  /** Whether somebody else's session works as if nothing were. */
  async neighbourWorks(): Promise<void> {
    expect(await this.inNeighbour("echo at work > file && cat file")).toBe("at work\n");
  }

  /** What a command of the neighbour's printed. */
  async inNeighbour(command: string): Promise<string> {
    const { stdout, stderr, exitCode } = await this.neighbourClient.execute(this.neighbour, command);
    if (exitCode !== 0) throw new Error(`${command}: ${exitCode} ${stderr}`);
    return stdout;
  }

  /** What Claude answers in a session; of the neighbour, unless another is named. */
  async askClaude(session = { client: this.neighbourClient, id: this.neighbour }): Promise<string> {
    const path = `/api/sessions/${session.id}/claude/chat`;
    return (await session.client.call<TurnResult>("POST", path, { message: "Say something" })).text;
  }

  /** Dials from inside, without the proxy: "reached", or the error's code. */
  dial(host: string, port: number): Promise<string> {
    return this.attack(
      `node -e 'const s=require("net").connect({host:"${host}",port:${port}});s.on("connect",()=>{console.log("reached");process.exit()});s.on("error",(e)=>{console.log(e.code);process.exit()});setTimeout(()=>{console.log("silence");process.exit()},3000)'`,
    );
  }

  /** Asks the way out for something, as curl does: the answer's number, and what it said. */
  askProxy(url: string): Promise<string> {
    const proxy = `--noproxy '' -x http://127.0.0.1:3129`;
    return this.attack(`curl -sS -m 20 ${proxy} -w ' %{http_code} %{http_connect}' '${url}' 2>&1`);
  }

  /** What the engine shows of a place's container. */
  async inspect(place: string, format: string): Promise<string> {
    const filter = `label=remote-claude.place=${place}`;
    const { stdout } = await run("docker", ["ps", "--quiet", "--filter", filter]);
    return (await run("docker", ["inspect", "--format", format, stdout.trim()])).stdout.trim();
  }

  /** Where its sockets are, as this machine has them. */
  async runDirectory(place: string): Promise<string> {
    return join((await this.product.environmentOf("api")).RUN_DIR ?? "", place);
  }

  /** Megabytes that a service has in memory. */
  async memoryMbOf(service: string): Promise<number> {
    const status = await readFile(`/proc/${await this.product.pidOf(service)}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  }

  /** How many sockets a service has open. */
  async socketsOf(service: string): Promise<number> {
    const folder = `/proc/${await this.product.pidOf(service)}/fd`;
    const links = (await readdir(folder)).map((name) => readlink(join(folder, name)).catch(() => ""));
    return (await Promise.all(links)).filter((target) => target.startsWith("socket:")).length;
  }
}
