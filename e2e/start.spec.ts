import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Session } from "@remote-claude/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ScriptedModel } from "./scripted-model/index.ts";
import { Client } from "./testing/client.ts";
import { describeUnless, lacking } from "./testing/machine.ts";
import { Product, root } from "./testing/product.ts";

const model = new ScriptedModel();
/** The one that runs at the moment; they follow each other on the same data. */
let product: Product;
let client: Client;
let session: Session;
/** What must not be found in a log, besides the product's own secrets. */
const shown: string[] = [];

beforeAll(async () => {
  await model.listen();
  product = await Product.start({ modelUrl: model.url });
  client = await Client.signIn(product);
  session = await client.createSession({ name: "Kept" });
  await client.execute(session.id, "echo kept > kept.txt");
});

afterAll(async () => {
  await product?.stop();
  await model.close();
});

/** As next-auth's own page does it; the answer's cookie, or null. */
async function signInByLink(token: string): Promise<string | null> {
  const asked = await fetch(`${product.url}/auth/csrf`);
  const { csrfToken } = (await asked.json()) as { csrfToken: string };
  const response = await fetch(`${product.url}/auth/callback/link`, {
    method: "POST",
    redirect: "manual",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      origin: product.url,
      cookie: asked.headers
        .getSetCookie()
        .map((cookie) => cookie.split(";")[0])
        .join("; "),
    },
    body: new URLSearchParams({ csrfToken, token, json: "true" }),
  });
  const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(";")[0] ?? "");
  return (
    cookies.find((cookie) => cookie.startsWith("remote-claude.sign-in=") && !cookie.endsWith("=")) ?? null
  );
}

/** Every file below a folder, with what kind it is. */
async function filesBelow(folder: string) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }));
}

async function restart(): Promise<void> {
  product = await Product.start({ modelUrl: model.url, dataDir: product.dataDir });
  client = Client.withToken(product, client.token);
}

/** The session, once the api has seen that its place is not there any more. */
async function untilAtRest(): Promise<Session> {
  const find = () => client.call<{ session: Session }>("GET", `/api/sessions/${session.id}`);
  await expect.poll(async () => (await find()).session.state, { timeout: 30_000 }).toMatch(/stopped|failed/);
  return (await find()).session;
}

/** The places that stand ready for the next session, once there is one as session-manager sees it too. */
async function untilOneIsReady(): Promise<string[]> {
  const db = await product.database();
  const ready = () => db.place.findMany({ where: { sessionId: null, removedAt: null, state: "running" } });
  const running = async () =>
    (await ready()).filter(({ id }) => readdirSync(join(product.dataDir, "places")).includes(id));
  await expect.poll(async () => (await running()).length, { timeout: 60_000 }).toBe(1);
  return (await running()).map(({ id }) => id);
}

describe("npm start", () => {
  it("prints one link, which signs the admin in once and not twice", async () => {
    const links = product.output.match(/\/sign-in\/link#\S+/g);
    expect(links).toHaveLength(1);
    const token = product.link.split("#")[1] ?? "";
    const cookie = await signInByLink(token);
    const response = await fetch(`${product.url}/api/auth/user`, { headers: { cookie: cookie ?? "" } });
    expect(await response.json()).toMatchObject({ user: { role: "admin" } });
    expect(await signInByLink(token)).toBeNull();
    expect(await signInByLink(`${token}x`)).toBeNull();
    shown.push(token, cookie?.split("=")[1] ?? "");
  });

  it("is refused on data that is in use, and says by whom and where", async () => {
    const second = Product.start({ dataDir: product.dataDir });
    await expect(second).rejects.toThrow(`npm start ended with 1`);
    await expect(second).rejects.toThrow(
      `Remote Claude already runs on ${product.dataDir}: process ${product.process.pid}, at ${product.url}`,
    );
    expect((await fetch(`${product.url}/api/health`)).status).toBe(200);
  });

  it("names a port that is taken, and who has it", async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
    const address = holder.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const dataDir = await mkdtemp(join(tmpdir(), "rc-e2e-"));
    await expect(Product.start({ port, dataDir })).rejects.toThrow(
      new RegExp(`Port ${port} is taken by \\S+ \\(process ${process.pid}\\)`),
    );
    holder.close();
    expect((await filesBelow(dataDir)).filter(({ entry }) => entry.isSocket())).toEqual([]);
    await rm(dataDir, { recursive: true, force: true });
  });

  it("keeps its data and secrets to its own account", async () => {
    const modeOf = async (path: string) =>
      ((await stat(join(product.dataDir, path))).mode & 0o777).toString(8);
    expect(await modeOf("")).toBe("700");
    expect(await modeOf("secrets")).toBe("700");
    for (const name of await readdir(join(product.dataDir, "secrets")))
      expect(await modeOf(`secrets/${name}`)).toBe("600");
    for (const name of await readdir(join(product.dataDir, "logs")))
      expect(await modeOf(`logs/${name}`)).toBe("600");
  });

  it.each(["api", "egress", "session-manager", "web"])("starts %s again when it crashes", async (service) => {
    const before = await product.pidOf(service);
    await product.kill(service);
    await expect.poll(() => product.pidOf(service).catch(() => before), { timeout: 30_000 }).not.toBe(before);
    await product.untilHealthy();
    await expect
      .poll(async () => (await fetch(`${product.url}/sign-in`).catch(() => null))?.status, {
        timeout: 30_000,
      })
      .toBe(200);
    await expect
      .poll(
        () =>
          client.execute(session.id, "cat kept.txt").then(
            ({ stdout }) => stdout,
            () => "",
          ),
        { timeout: 30_000 },
      )
      .toBe("kept\n");
  });

  it("starts the database again when it crashes", async () => {
    const before = await product.databasePid();
    await product.kill("database");
    await expect.poll(() => product.databasePid(), { timeout: 30_000 }).not.toBe(before);
    await product.untilHealthy();
    expect((await client.execute(session.id, "cat kept.txt")).stdout).toBe("kept\n");
  });

  it("goes on while egress crashes again and again, says so once, and says when it is over", async () => {
    const said = /egress: ended \d times in a row \(SIGKILL\)\. Until it runs again .*logs\/egress\.log/g;
    for (let before = 0; !said.test(product.output); ) {
      const pid = await product.pidOf("egress").catch(() => before);
      if (pid !== before) process.kill(pid, "SIGKILL");
      before = pid;
    }
    expect((await client.execute(session.id, "cat kept.txt")).stdout).toBe("kept\n");
    expect((await fetch(`${product.url}/sign-in`)).status).toBe(200);
    await expect.poll(() => product.output, { timeout: 60_000 }).toContain("egress: runs again");
    expect(product.output.match(said)).toHaveLength(1);
    await product.untilHealthy();
  });

  it("does not start with a setting that cannot be used, and names it", async () => {
    const environment = { EGRESS_UPSTREAM_PROXY: "no address" };
    const refused = Product.start({ environment });
    await expect(refused).rejects.toThrow(/✖ egress cannot start with its settings.*EGRESS_UPSTREAM_PROXY/s);
  });

  it("ends by Ctrl-C without a process or a socket left behind, and finds everything again", async () => {
    const { url } = product;
    await client.execute(session.id, "nohup setsid sleep 1000 >/dev/null 2>&1 &");
    const [ready = ""] = await untilOneIsReady();
    expect((await product.processes()).some((command) => command.includes(ready))).toBe(true);
    expect((await product.processes()).length).toBeGreaterThan(3);
    await product.stop({ keepData: true });
    expect(product.process.exitCode).toBe(0);
    expect(await product.processes()).toEqual([]);
    const files = await filesBelow(product.dataDir);
    expect(files.flatMap(({ entry, path }) => (entry.isSocket() ? [path] : []))).toEqual([]);
    await expect(fetch(url)).rejects.toThrow();

    await restart();
    // The one that stood ready is gone, and another takes its turn.
    expect(await untilOneIsReady()).not.toContain(ready);
    expect(await readdir(join(product.dataDir, "places"))).not.toContain(ready);
    expect(await untilAtRest()).toMatchObject({ state: "stopped", stopReason: "service-stopped" });
    await client.call("POST", `/api/sessions/${session.id}/resume`);
    await client.untilState(session.id, "running");
    expect((await client.execute(session.id, "cat kept.txt")).stdout).toBe("kept\n");
  });

  it("comes up after a kill -9 of all it is, and ends what that left behind", async () => {
    const marker = `${Date.now()}.5`;
    await client.execute(session.id, `nohup setsid sleep ${marker} >/dev/null 2>&1 &`);
    const left = async () =>
      (await allCommands()).filter((command) => command.includes(marker) && command.startsWith("sleep"));
    await expect.poll(left).toHaveLength(1);
    const ready = await untilOneIsReady();
    const killed = new Promise((resolve) => product.process.once("exit", resolve));
    product.process.kill("SIGKILL");
    await killed;

    await restart();
    expect(await left()).toEqual([]);
    expect((await allCommands()).filter((command) => ready.some((id) => command.includes(id)))).toEqual([]);
    expect(await untilOneIsReady()).not.toEqual(ready);
    await untilAtRest();
    await client.call("POST", `/api/sessions/${session.id}/resume`);
    await client.untilState(session.id, "running");
    expect((await client.execute(session.id, "cat kept.txt")).stdout).toBe("kept\n");
  });

  it("writes no secret into a log", async () => {
    const chat = { message: "[[script:hello]]" };
    await client.call("POST", `/api/sessions/${session.id}/claude/chat`, chat);
    const secrets = { ...(await product.secrets()), token: client.token };
    const needles = [
      ...Object.entries(secrets),
      ...shown.map((text, index) => [`shown ${index}`, text] as const),
    ];
    const leaks: string[] = [];
    for (const { entry, path } of await filesBelow(join(product.dataDir, "logs"))) {
      const text = entry.isFile() ? await readFile(path, "utf8") : "";
      for (const [name, needle] of needles) if (text.includes(needle)) leaks.push(`${name} in ${path}`);
    }
    expect(leaks).toEqual([]);
    expect(needles.every(([, needle]) => needle.length > 8)).toBe(true);
  });
});

/** The command lines of every process of the machine. */
async function allCommands(): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
  return lines.map((line) => line.replaceAll("\0", " ").trim());
}

describe("without bubblewrap", () => {
  it("says that sessions are not isolated, and they work all the same", async () => {
    // Everything that is on the PATH but bwrap.
    const programs = await mkdtemp(join(tmpdir(), "rc-programs-"));
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      for (const name of await readdir(folder).catch(() => [])) {
        if (name !== "bwrap") await symlink(join(folder, name), join(programs, name)).catch(() => undefined);
      }
    }
    const open = await Product.start({ modelUrl: model.url, environment: { PATH: programs } });
    try {
      expect(open.output).toMatch(/Isolation +NONE: .*install bubblewrap/);
      expect(await (await fetch(`${open.url}/api/config`)).json()).toMatchObject({ isolation: "none" });
      const admin = await Client.signIn(open);
      const { id, isolation } = await admin.createSession({ name: "Open" });
      expect(isolation).toBe("none");
      expect((await admin.execute(id, "echo it works")).stdout).toBe("it works\n");
      const turn = { message: "[[script:hello]]" };
      expect(await admin.call("POST", `/api/sessions/${id}/claude/chat`, turn)).toMatchObject({
        outcome: "completed",
      });
      const environment = await admin.execute(id, "env");
      expect(environment.stdout).not.toContain(open.apiKey);
    } finally {
      await open.stop();
      expect(await open.processes()).toEqual([]);
      await rm(programs, { recursive: true, force: true });
    }
  });
});

/** Of this run alone: another one may be under way on the same machine. */
const account = `rc-e2e-${process.pid}`;

/** Why the product cannot be run as another account here; null when it can. */
function ordinaryUnavailable(): string | null {
  if (process.getuid?.() !== 0) return "needs root, to make an ordinary user";
  const missing = lacking("useradd", "userdel");
  if (missing !== null) return missing;
  // Whom it does not belong to must be able to read it; the rest is seen when it starts.
  const readable = `require("node:fs").accessSync(${JSON.stringify(join(root, "standalone/dist/main.js"))})`;
  const { status, error } = spawnSync(process.execPath, ["-e", readable], { uid: 65534, gid: 65534 });
  return status === 0 && error === undefined ? null : `${root} cannot be read by other accounts`;
}

describeUnless(ordinaryUnavailable(), "as an ordinary user", () => {
  let ordinary: { uid: number; gid: number; home: string };

  beforeAll(() => {
    execFileSync("useradd", ["--create-home", "--shell", "/bin/bash", account]);
    const [, , uid, gid, , home = ""] = execFileSync("getent", ["passwd", account], {
      encoding: "utf8",
    }).split(":");
    ordinary = { uid: Number(uid), gid: Number(gid), home };
  });
  afterAll(() => {
    spawnSync("userdel", ["--remove", "--force", account]);
  });

  it("starts, runs a session and Claude in it, and ends without anything left", async () => {
    const { uid, gid, home } = ordinary;
    const theirs = await Product.start({
      modelUrl: model.url,
      account: { uid, gid },
      environment: {
        HOME: home,
        USER: account,
        LOGNAME: account,
        XDG_RUNTIME_DIR: "",
        DBUS_SESSION_BUS_ADDRESS: "",
      },
    });
    try {
      expect((await stat(`/proc/${await theirs.pidOf("api")}`)).uid).toBe(uid);
      const admin = await Client.signIn(theirs);
      const { id } = await admin.createSession({ name: "Ordinary" });
      expect((await admin.execute(id, "echo it works; touch mine")).stdout).toBe("it works\n");
      const turn = { message: "[[script:hello]]" };
      expect(await admin.call("POST", `/api/sessions/${id}/claude/chat`, turn)).toMatchObject({
        outcome: "completed",
      });
      await admin.call("DELETE", `/api/sessions/${id}`);
    } finally {
      await theirs.stop();
    }
    expect(await theirs.processes()).toEqual([]);
    expect(spawnSync("userdel", ["--remove", account]).status, "nothing runs as that user").toBe(0);
  });
});
