import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { adminEmail, freePort, root, untilReady } from "./product.ts";

const run = promisify(execFile);

/** What a call of `docker` printed, on either way out. */
export async function docker(...args: string[]): Promise<string> {
  const { stdout, stderr } = await run("docker", args, { maxBuffer: 256 * 1024 * 1024 });
  return `${stdout}${stderr}`;
}

/** Why the stack cannot be brought up on this machine; null when it can. */
export async function engineUnavailable(): Promise<string | null> {
  try {
    await run("docker", ["info"]);
  } catch {
    return "no Docker Engine answers";
  }
  try {
    await run("docker", ["compose", "version"]);
    return null;
  } catch {
    return "docker compose is not installed";
  }
}

/** The image of sessions, from the sources as they are; quick where nothing has changed. */
export async function buildSessionImage(): Promise<void> {
  const args = ["scripts/build-session-image.mjs", "--quiet"];
  await run(process.execPath, args, { cwd: root, maxBuffer: 64 * 1024 * 1024 });
}

/** The host as containers reach it: the engine's own bridge. */
export async function hostAddress(): Promise<string> {
  const format = "{{range .IPAM.Config}}{{.Gateway}}{{end}}";
  return (await run("docker", ["network", "inspect", "--format", format, "bridge"])).stdout.trim();
}

export interface StackOptions {
  readonly environment?: Record<string, string>;
  /** What TEMPLATES_FILE holds, where sessions are to be of other kinds than the built-in one. */
  readonly templates?: string;
}

/** The whole product, as `docker compose up` brings it up: a project of its own, with volumes of its own. */
export class Stack {
  readonly project = `rc-e2e-${randomBytes(4).toString("hex")}`;
  readonly adminPassword = randomBytes(12).toString("hex");
  readonly apiKey = `sk-ant-e2e-${randomBytes(16).toString("hex")}`;
  readonly port: number;
  readonly #folder: string;

  #settings: Record<string, string> = {};
  #hasPool = false;

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  /** Builds what is stale, and waits until every service is healthy. */
  static async up({ environment = {}, templates }: StackOptions = {}): Promise<Stack> {
    const stack = new Stack(await freePort(), await mkdtemp(join(tmpdir(), "rc-stack-")));
    const settings = {
      PORT: String(stack.port),
      HOST_ADDRESS: "127.0.0.1",
      ADMIN_EMAIL: adminEmail,
      ADMIN_PASSWORD: stack.adminPassword,
      ANTHROPIC_API_KEY: stack.apiKey,
      BACKUP_DIR: join(stack.#folder, "backups"),
      // What stands ready would outlive the stack, as sessions do: `down` must be told of it.
      WARM_PLACES: "0",
      // Where the usual image cannot be pulled.
      ...(process.env.STORAGE_IMAGE ? { STORAGE_IMAGE: process.env.STORAGE_IMAGE } : {}),
      ...(templates === undefined ? {} : { TEMPLATES_FILE: await stack.#writeTemplates(templates) }),
      ...environment,
    };
    await stack.#writeSettings(settings);
    stack.#hasPool = settings.WARM_PLACES !== "0";
    try {
      await stack.compose("up", "--detach", "--build", "--wait");
    } catch (error) {
      const logs = await stack.compose("logs", "--no-color", "--tail=40").catch(String);
      await stack.down();
      throw new Error(
        `the stack did not come up: ${(error as { stderr?: string }).stderr ?? error}\n${logs}`,
      );
    }
    return stack;
  }

  /** For services that are other users than this one. */
  async #writeTemplates(templates: string): Promise<string> {
    const file = join(this.#folder, "templates.yaml");
    await writeFile(file, templates, { mode: 0o644 });
    return file;
  }

  #writeSettings(settings: Record<string, string>): Promise<void> {
    this.#settings = settings;
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    return writeFile(join(this.#folder, ".env"), lines.join(""), { mode: 0o600 });
  }

  /** Has what stands ready taken away, as an admin would. */
  async #emptyPool(): Promise<void> {
    await this.#writeSettings({ ...this.#settings, WARM_PLACES: "0" });
    await this.compose("up", "--detach", "--wait", "--no-deps", "api");
    const deadline = Date.now() + 60_000;
    while ((await this.countPlaces({ claimed: false })) > 0 && Date.now() < deadline);
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  /** `docker compose …` of this stack; what it printed. */
  async compose(...args: string[]): Promise<string> {
    const own = ["--project-name", this.project, "--env-file", join(this.#folder, ".env")];
    const options = { cwd: root, maxBuffer: 64 * 1024 * 1024, env: withoutSettings() };
    // `up` would start what is in the profile too.
    const profile = args[0] === "up" ? [] : ["--profile", "backup", "--profile", "remove"];
    return (await run("docker", ["compose", ...own, ...profile, ...args], options)).stdout;
  }

  untilHealthy(): Promise<void> {
    return untilReady(this.url);
  }

  /**
   * Kills a service with -9, and waits until the engine has started it again. From the host: after `docker kill` an
   * engine takes the end for wanted.
   */
  async kill(service: string): Promise<void> {
    const [id = ""] = (await this.compose("ps", "--quiet", service)).trim().split("\n");
    const findPid = async () =>
      Number((await run("docker", ["inspect", "--format", "{{.State.Pid}}", id])).stdout);
    const pid = await findPid();
    process.kill(pid, "SIGKILL");
    for (const deadline = Date.now() + 60_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
      const now = await findPid();
      if (now !== 0 && now !== pid) return;
      if (Date.now() > deadline) throw new Error(`${service} was not started again`);
    }
  }

  /** A one-time link that signs the first admin in. */
  async signInLink(): Promise<string> {
    return (await this.compose("exec", "-T", "api", "node", "/app/deploy/sign-in-link.mjs")).trim();
  }

  /** How many sessions have a disk; unless `claimed`, also how many places that stand ready. */
  async countPlaces({ claimed = true } = {}): Promise<number> {
    const files = await this.compose(
      ...["run", "--rm", "--no-deps", "-T", "--entrypoint", "sh", "backup"],
      ...["-c", "ls /volumes/places"],
    );
    const ready = await warmPlaces();
    const places = files.split("\n").flatMap((name) => /^(.*)\.ext4$/.exec(name)?.[1] ?? []);
    return places.filter((place) => !claimed || !ready.includes(place)).length;
  }

  /** Takes up other settings as an admin does: a change of .env, and `up`. */
  async change(settings: Record<string, string>): Promise<void> {
    await this.#writeSettings({ ...this.#settings, ...settings });
    await this.compose("up", "--detach", "--wait");
  }

  /** Runs a piece of a program with the api's own S3 client and credentials; what it printed. */
  #withStorage(script: string, prefix: string): Promise<string> {
    const beginning = `
      import { readFileSync } from "node:fs";
      import * as s3 from "@aws-sdk/client-s3";
      const read = (name) => readFileSync(process.env[name + "_FILE"], "utf8").trim();
      const { S3_ENDPOINT: endpoint, S3_REGION: region, S3_BUCKET: Bucket } = process.env;
      const credentials = { accessKeyId: read("S3_ACCESS_KEY_ID"), secretAccessKey: read("S3_SECRET_ACCESS_KEY") };
      const client = new s3.S3Client({ endpoint, region, credentials, forcePathStyle: true });
      const Prefix = process.argv[1];`;
    const node = ["exec", "-T", "api", "node", "--input-type=module", "--eval", beginning + script, prefix];
    return this.compose(...node);
  }

  /** How many objects of the stack's S3 server have such a key. */
  async countObjects(prefix: string): Promise<number> {
    const script = `
      const { KeyCount } = await client.send(new s3.ListObjectsV2Command({ Bucket, Prefix }));
      console.log(KeyCount);`;
    return Number(await this.#withStorage(script, prefix));
  }

  /**
   * Tries to remove the first such object for good, as whoever holds the api's credentials could. null: this S3 server
   * cannot lock objects.
   */
  async tryToRemoveVersion(prefix: string): Promise<{ mode: string | null; refused: string | null } | null> {
    const script = `
      const asked = client.send(new s3.GetObjectLockConfigurationCommand({ Bucket }));
      const lock = await asked.then((answer) => answer.ObjectLockConfiguration, () => undefined);
      if (lock?.ObjectLockEnabled !== "Enabled") { console.log("null"); process.exit(); }
      const { Versions } = await client.send(new s3.ListObjectVersionsCommand({ Bucket, Prefix }));
      const { Key, VersionId } = Versions[0];
      const { ObjectLockMode } = await client.send(new s3.HeadObjectCommand({ Bucket, Key }));
      const removed = client.send(new s3.DeleteObjectCommand({ Bucket, Key, VersionId }));
      const refused = await removed.then(() => null, (error) => error.message);
      console.log(JSON.stringify({ mode: ObjectLockMode ?? null, refused }));`;
    return JSON.parse(await this.#withStorage(script, prefix));
  }

  /** Every secret that no session, no log and no answer of the engine may hold; an access key's id is but a name. */
  async secrets(): Promise<Record<string, string>> {
    const files = await this.compose(
      ...["run", "--rm", "--no-deps", "-T", "--entrypoint", "sh", "backup"],
      ...[
        "-c",
        'cd /volumes/secrets && for f in *; do [ $f = s3-access-key-id ] || echo "$f $(cat $f)"; done',
      ],
    );
    const lines = files.split("\n").map((line) => line.split(" "));
    const made = lines.flatMap(([name = "", value = ""]) => (value.length >= 20 ? [[name, value]] : []));
    return {
      ...(Object.fromEntries(made) as Record<string, string>),
      "admin-password": this.adminPassword,
      "model-key": this.apiKey,
    };
  }

  /** All that was logged: by the services, and by the containers of sessions. */
  async logs(): Promise<string> {
    const sessions = await docker("ps", "--all", "--quiet", "--filter", "label=remote-claude.role=session");
    const theirs = await Promise.all(
      sessions
        .split("\n")
        .filter(Boolean)
        .map((id) => docker("logs", id).catch(() => "")),
    );
    return [await this.compose("logs", "--no-color"), ...theirs].join("\n");
  }

  /** What the engine knows of each of its containers, by service. */
  async inspect(): Promise<Record<string, ContainerInfo>> {
    const ids = (await this.compose("ps", "--all", "--quiet")).trim().split("\n");
    const { stdout } = await run("docker", ["inspect", ...ids], { maxBuffer: 64 * 1024 * 1024 });
    const infos = JSON.parse(stdout) as ContainerInfo[];
    return Object.fromEntries(
      infos.map((info) => [info.Config.Labels["com.docker.compose.service"] ?? info.Name, info]),
    );
  }

  /** Takes everything down, volumes included. */
  async down(): Promise<void> {
    if (this.#hasPool) await this.#emptyPool();
    await this.compose("down", "--volumes", "--timeout", "15");
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** What `docker inspect` says, as far as tests look at it. */
export interface ContainerInfo {
  readonly Name: string;
  readonly Config: {
    readonly User: string;
    readonly Env: readonly string[];
    readonly Labels: Record<string, string>;
  };
  readonly HostConfig: {
    readonly ReadonlyRootfs: boolean;
    readonly Privileged: boolean;
    readonly CapDrop: readonly string[] | null;
    readonly CapAdd: readonly string[] | null;
    readonly SecurityOpt: readonly string[] | null;
    readonly Memory: number;
    readonly PidsLimit: number | null;
  };
  readonly Mounts: readonly { readonly Source: string; readonly Destination: string }[];
  readonly NetworkSettings: {
    readonly Networks: Record<string, { readonly IPAddress: string; readonly Gateway: string }>;
    readonly Ports: Record<string, unknown>;
  };
}

/** Places of any installation on this engine that stand ready and are nobody's: their containers' names say so. */
export async function warmPlaces(): Promise<string[]> {
  const filter = ["--filter", "name=remote-claude-warm-", "--format", "{{.Names}}"];
  const { stdout } = await run("docker", ["ps", "--all", ...filter]);
  return stdout.split("\n").flatMap((name) => /^remote-claude-warm-(.*)$/.exec(name)?.[1] ?? []);
}

/** Of the tests' own environment nothing may reach the stack: Compose prefers it to the .env file. */
function withoutSettings(): NodeJS.ProcessEnv {
  const kept = ["PATH", "HOME", "DOCKER_HOST", "DOCKER_CONFIG", "DOCKER_CONTEXT", "BUILDKIT_PROGRESS"];
  return Object.fromEntries(kept.map((name) => [name, process.env[name]]));
}
