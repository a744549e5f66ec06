import http, { type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import https from "node:https";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Client } from "./testing/client.ts";
import { bringTools, runTool } from "./testing/inside.ts";
import { describeUnless } from "./testing/machine.ts";
import { adminEmail, freePort } from "./testing/product.ts";
import { type ContainerInfo, docker, engineUnavailable, Stack } from "./testing/stack.ts";

const reason = await engineUnavailable();
const buildMs = 900_000;

describeUnless(reason, "docker compose up", () => {
  let stack: Stack;
  let client: Client;
  let containers: Record<string, ContainerInfo>;

  beforeAll(async () => {
    // The kind whose list ends nothing: what is private is closed to it all the same.
    const templates = "templates:\n  - name: open\n    egress: { policy: open }\n";
    stack = await Stack.up({ templates, environment: { AUDIT_LOCK_DAYS: "1" } });
    client = await Client.signIn(stack);
    containers = await stack.inspect();
  }, buildMs);
  afterAll(() => stack?.down(), 120_000);

  const networksOf = (service: string) =>
    Object.keys(containers[service]?.NetworkSettings.Networks ?? {})
      .map((name) => name.replace(`${stack.project}_`, ""))
      .sort();

  it("brings up everything, and each part finds what it needs", async () => {
    const ready = await fetch(`${stack.url}/api/ready`);
    expect(await ready.json()).toEqual({
      status: "ok",
      checks: { database: "ok", manager: "ok", storage: "ok", egress: "ok" },
    });
    expect(await client.call("GET", "/api/auth/user")).toMatchObject({ user: { role: "admin" } });
    expect(await client.call("GET", "/api/config")).toMatchObject({
      mode: "server",
      modelKeyConfigured: true,
    });
  });

  it("shows its pages, and takes the word of no client for where it comes from", async () => {
    const page = await fetch(`${stack.url}/sign-in`, { headers: { "x-forwarded-for": "198.51.100.7" } });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("Remote Claude");
    const style = /\/_next\/static\/[^"]+\.css/.exec(await (await fetch(`${stack.url}/sign-in`)).text())?.[0];
    expect((await fetch(`${stack.url}${style}`)).status).toBe(200);
    await fetch(`${stack.url}/api/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-for": "198.51.100.7" },
      body: JSON.stringify({ email: "nobody@example.org", password: "a wrong password" }),
    });
    const sql = "select coalesce(string_agg(distinct address, ','), '') from audit_logs";
    const recorded = await stack
      .compose("exec", "-T", "db", "psql", "-U", "remote_claude", "-Atc", sql)
      .catch((error: { stderr: string }) => error.stderr);
    expect(recorded).not.toContain("198.51.100.7");
  });

  it("leads nobody to what is between the services", async () => {
    for (const path of [
      "/internal/sign-in-links",
      "/internal",
      "/%69nternal/sign-in-links",
      "//internal/x",
    ]) {
      const answer = await fetch(`${stack.url}${path}`, { method: "POST", body: "{}" });
      expect([400, 403, 404, 405, 308], path).toContain(answer.status);
      expect(await answer.text()).not.toContain("token");
    }
  });

  it("answers on a live connection", async () => {
    const live = client.live();
    await new Promise<void>((resolve, reject) => {
      live.socket.once("connect", resolve);
      live.socket.once("connect_error", reject);
    });
    live.close();
  });

  it("publishes the gateway alone", () => {
    const published = Object.entries(containers).filter(([, { NetworkSettings }]) =>
      Object.values(NetworkSettings.Ports).some((ports) => ports !== null),
    );
    expect(published.map(([service]) => service)).toEqual(["gateway"]);
  });

  it("holds every service to a read-only root, no capabilities, a user of its own and limits", () => {
    const lent: Record<string, string[]> = {
      gateway: ["CAP_NET_BIND_SERVICE"],
      init: ["CAP_CHOWN", "CAP_FOWNER"],
    };
    for (const [service, { Config, HostConfig }] of Object.entries(containers)) {
      expect(HostConfig, service).toMatchObject({ ReadonlyRootfs: true, Privileged: false });
      expect(HostConfig.CapDrop, service).toEqual(["ALL"]);
      expect(
        (HostConfig.CapAdd ?? []).map((name) => (name.startsWith("CAP_") ? name : `CAP_${name}`)),
        service,
      ).toEqual(lent[service] ?? []);
      expect(HostConfig.SecurityOpt, service).toContain("no-new-privileges:true");
      expect(HostConfig.Memory, service).toBeGreaterThan(0);
      const root = /^(0|root)?(:|$)/.test(Config.User);
      expect(root, service).toBe(["session-manager", "init"].includes(service));
    }
  });

  it("shows docker.sock to session-manager alone, and the way out to egress and the gateway", () => {
    const withSocket = Object.entries(containers).filter(([, { Mounts }]) =>
      Mounts.some(({ Source }) => Source.endsWith("docker.sock")),
    );
    expect(withSocket.map(([service]) => service)).toEqual(["session-manager"]);
    const outside = Object.keys(containers).filter((service) =>
      networksOf(service).some((name) => name === "outside" || name === "edge"),
    );
    expect(outside.sort()).toEqual(["egress", "gateway"]);
    expect(networksOf("session-manager")).toEqual(["control"]);
  });

  it("lets no service but egress and the gateway reach anything outside, the host included", async () => {
    const dial = (host: string) =>
      `const s=require("net").connect({host:"${host}",port:${stack.port}});
       s.on("connect",()=>{console.log("reached");process.exit()});
       s.on("error",(e)=>{console.log(e.code);process.exit()});
       setTimeout(()=>{console.log("silence");process.exit()},2000)`;
    for (const service of ["api", "web", "session-manager"]) {
      for (const host of ["172.17.0.1", "169.254.169.254"]) {
        const outcome = await stack.compose("exec", "-T", service, "node", "-e", dial(host));
        expect(outcome.trim(), `${service} → ${host}`).not.toBe("reached");
      }
    }
  });

  /** Whom each service has to do with. egress is on a network that leads out, where the engine keeps networks apart. */
  const neighbours: Record<string, readonly string[]> = {
    web: ["api", "gateway"],
    api: ["db", "egress", "gateway", "redis", "session-manager", "storage", "web"],
    "session-manager": ["api"],
  };
  const ports = {
    gateway: 8080,
    web: 3004,
    api: 3001,
    "session-manager": 3002,
    egress: 3003,
    db: 5432,
    redis: 6379,
    storage: 9000,
  };
  /** A service by its name, and by each of its addresses: a network that one is not on is closed to numbers too. */
  const waysTo = (service: string, port: number) =>
    [
      service,
      ...Object.values(containers[service]?.NetworkSettings.Networks ?? {}).map(({ IPAddress }) => IPAddress),
    ].map((host) => `${host}:${port}`);

  it.each(Object.entries(neighbours))(
    "lets %s reach those that it works with, and no other service",
    async (service, expected) => {
      const targets = Object.entries(ports)
        .filter(([other]) => other !== service)
        .flatMap(([other, port]) => waysTo(other, port).map((way) => [other, way] as const));
      const script = `const { connect } = require("node:net");
        const dial = ([service, way]) => new Promise((resolve) => {
          const at = way.lastIndexOf(":");
          const socket = connect({ host: way.slice(0, at), port: Number(way.slice(at + 1)), timeout: 5000 });
          for (const event of ["connect", "error", "timeout"])
            socket.on(event, () => { socket.destroy(); resolve(event === "connect" ? [service] : []); });
        });
        Promise.all(${JSON.stringify(targets)}.map(dial)).then((reached) => console.log(JSON.stringify(reached.flat())));`;
      const reached = JSON.parse(await stack.compose("exec", "-T", service, "node", "-e", script));
      expect([...new Set<string>(reached)].sort()).toEqual(expected);
    },
  );

  it.each(["default", "open"])(
    "lets a session of the kind %s reach no service: by its name, by its address, or by the way out",
    async (template) => {
      const { id } = await client.createSession({ name: "Looks around", template });
      await bringTools(client, id);
      const targets = Object.entries(ports).flatMap(([service, port]) => waysTo(service, port));
      expect(targets.length).toBeGreaterThan(15);
      const dialled = await runTool<Record<string, string>>(client, id, `dial.mjs ${targets.join(" ")}`);
      for (const target of targets)
        expect(dialled[target], target).toMatch(/^(ENETUNREACH|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)$/);
      // On the ports that the kind without a list may ask for too; and this server, as its networks have it.
      const networks = Object.values(containers.egress?.NetworkSettings.Networks ?? {});
      const hosts = [
        ...targets.map((target) => target.slice(0, target.lastIndexOf(":"))),
        ...networks.flatMap(({ Gateway }) => (Gateway === "" ? [] : [Gateway])),
      ];
      const asked = [
        ...targets.flatMap((target) => [target, `http://${target}/`]),
        ...hosts.flatMap((host) => [`${host}:443`, `http://${host}/`]),
      ];
      const answers = await runTool<Record<string, { status: number; text: string }>>(
        client,
        id,
        `ask-proxy.mjs ${asked.join(" ")}`,
      );
      for (const target of asked) {
        const { status, text } = answers[target] ?? {};
        // A name that egress does not know is nothing to dial either.
        const refused = status === 403 || (template === "open" && /^[a-z]|^http:..[a-z]/.test(target));
        expect(refused, `${target}: ${status} ${text}`).toBe(true);
        expect(text, target).toMatch(
          /not on this installation|is not open|private address|belongs to Remote Claude|could not be found/,
        );
      }
      await client.call("DELETE", `/api/sessions/${id}`);
    },
  );

  it("finds its record whole, by a command of its own, with copies that are locked or said not to be", async () => {
    const sql = "select count(*) from audit_seals seal join audit_seal_copies copy on copy.seal_id = seal.id";
    const copied = async () =>
      Number(await stack.compose("exec", "-T", "db", "psql", "-U", "remote_claude", "-Atc", sql));
    await expect.poll(copied, { timeout: 120_000 }).toBeGreaterThan(0);
    expect(await stack.compose("run", "--rm", "-T", "audit-verify")).toMatch(/^✓ The record is whole/m);
    const attempt = await stack.tryToRemoveVersion("audit/seals/");
    if (attempt === null)
      expect(await stack.compose("logs", "--no-color", "api")).toContain("was made without object lock");
    else expect(attempt).toEqual({ mode: "COMPLIANCE", refused: expect.any(String) });
  });

  it("keeps secrets out of what the engine shows, and each from whom it does not concern", async () => {
    const secrets = await stack.compose(
      ...["run", "--rm", "--no-deps", "-T", "--entrypoint", "sh", "backup"],
      ...["-c", "cd /volumes/secrets && tail -n +1 -- *key* *password* *secret*"],
    );
    const values = secrets.split("\n").filter((line) => line.length >= 20 && !line.startsWith("==>"));
    expect(values.length).toBeGreaterThan(6);
    const shown = JSON.stringify(await stack.inspect());
    for (const value of values) expect(shown).not.toContain(value);
    const readable = (service: string) =>
      stack.compose(
        "exec",
        "-T",
        service,
        "sh",
        "-c",
        "cd /secrets; for f in *; do [ -r $f ] && echo $f; done; true",
      );
    expect((await readable("web")).trim().split("\n")).toEqual(["internal-secret"]);
    expect((await readable("egress")).trim().split("\n")).toEqual(["database-url", "git-credential-keys"]);
    expect((await readable("redis")).trim().split("\n")).toEqual(["redis.conf"]);
  });

  it("serves as well with two apis: whoever is connected to either hears what happens on the other", async () => {
    await stack.compose("up", "--detach", "--wait", "--no-recreate", "--scale", "api=2");
    expect((await stack.compose("ps", "--quiet", "api")).trim().split("\n")).toHaveLength(2);
    // Twelve connections are all at one of two with a chance of one in two thousand.
    const connections = Array.from({ length: 12 }, () => client.live());
    const heard = connections.map(() => new Set<string>());
    connections.forEach((live, index) => {
      live.on("session.changed", ({ session }) => heard[index]?.add(session.id));
    });
    await Promise.all(
      connections.map(
        ({ socket }) => new Promise<void>((resolve) => socket.once("connect", () => resolve())),
      ),
    );
    const { session } = await client.call<{ session: { id: string } }>("POST", "/api/sessions", {
      name: "Two",
    });
    await expect.poll(() => heard.filter((ids) => ids.has(session.id)).length).toBe(12);
    await client.call("DELETE", `/api/sessions/${session.id}`);
    for (const live of connections) live.close();
    await stack.compose("up", "--detach", "--wait", "--no-recreate", "--scale", "api=1");
    expect(await client.call("GET", "/api/auth/user")).toMatchObject({ user: { role: "admin" } });
  }, 300_000);

  it("comes up again as it was, with the same secrets", async () => {
    await stack.compose("down", "--timeout", "15");
    await stack.compose("up", "--detach", "--wait");
    expect(await client.call("GET", "/api/auth/user")).toMatchObject({ user: { role: "admin" } });
  }, 300_000);

  it("is backed up, and restored into an empty stack, workspaces included", async () => {
    const { id } = await client.createSession({ name: "Kept" });
    await client.execute(id, "echo kept > file && sync");
    await client.call("POST", `/api/sessions/${id}/stop`);
    await client.untilState(id, "stopped");
    await stack.compose("run", "--rm", "-T", "backup");
    await stack.compose("down", "--volumes", "--timeout", "15");
    const listed = await stack
      .compose("run", "--rm", "--no-deps", "-T", "restore")
      .catch((error: { stderr: string }) => error.stderr);
    const [name = ""] = /\d{4}-\d\d-\d\dT[\d-]+Z/.exec(listed) ?? [];
    await stack.compose("run", "--rm", "-T", "restore", name);
    await stack.compose("up", "--detach", "--wait");
    // A token that was made before.
    expect(await client.call("GET", "/api/auth/user")).toMatchObject({ user: { role: "admin" } });
    await client.call("POST", `/api/sessions/${id}/resume`);
    await client.untilState(id, "running");
    expect((await client.execute(id, "cat file")).stdout).toBe("kept\n");
    await client.call("DELETE", `/api/sessions/${id}`);
    await expect.poll(() => stack.countPlaces()).toBe(0);
  }, 300_000);

  it("serves https for its domain, by a certificate of its own authority where that is wished", async () => {
    const [domain, httpsPort] = ["claude.localhost", await freePort()];
    await stack.change({
      DOMAIN: domain,
      TLS_INTERNAL: "true",
      HTTP_PORT: String(stack.port),
      HTTPS_PORT: String(httpsPort),
    });
    const ca = await stack.compose(
      "exec",
      "-T",
      "gateway",
      "cat",
      "/data/caddy/pki/authorities/local/root.crt",
    );
    const ask = (path: string, method = "GET", body = "") =>
      new Promise<{ status: number; headers: IncomingHttpHeaders; text: string }>((resolve, reject) => {
        const headers = { host: domain, origin: `https://${domain}`, "content-type": "application/json" };
        const options = { host: "127.0.0.1", port: httpsPort, servername: domain, ca, path, method, headers };
        const request = https.request(options, (response) => {
          let text = "";
          response.on("data", (chunk) => {
            text += chunk;
          });
          response.on("end", () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
          );
        });
        request.on("error", reject).end(body);
      });
    const page = await ask("/sign-in");
    expect(page.status).toBe(200);
    expect(page.text).toContain("Remote Claude");
    const credentials = JSON.stringify({ email: adminEmail, password: stack.adminPassword });
    const signedIn = await ask("/api/auth/login", "POST", credentials);
    expect(signedIn.status).toBe(200);
    expect(signedIn.headers["set-cookie"]?.join()).toMatch(/^__Host-remote-claude\.sign-in=[^;]+;.*Secure/);
    expect(signedIn.headers["strict-transport-security"]).toContain("max-age=");
    const plain = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = {
        host: "127.0.0.1",
        port: stack.port,
        path: "/sessions?x=1",
        headers: { host: domain },
      };
      http.get(options, resolve).on("error", reject);
    });
    plain.resume();
    expect([plain.statusCode, plain.headers.location]).toEqual([308, `https://${domain}/sessions?x=1`]);
  }, 300_000);

  it("leaves nothing of its sessions in the engine once remove-sessions has run", async () => {
    await stack.change({ DOMAIN: "", TLS_INTERNAL: "", HTTP_PORT: "", HTTPS_PORT: "" });
    const [running, stopped] = [
      await client.createSession({ name: "Runs on" }),
      await client.createSession({ name: "Rests" }),
    ];
    await client.call("POST", `/api/sessions/${stopped.id}/stop`);
    await client.untilState(stopped.id, "stopped");
    const sql = `select id from places where session_id in ('${running.id}', '${stopped.id}')`;
    const rows = await stack.compose("exec", "-T", "db", "psql", "-U", "remote_claude", "-Atc", sql);
    const places = rows.trim().split("\n");
    expect(places).toHaveLength(2);
    await stack.compose("down", "--timeout", "15");
    const left = async () => {
      const containers = await docker(
        "ps",
        "--all",
        "--filter",
        "label=remote-claude.place",
        "--format",
        "{{.Labels}}",
      );
      const volumes = await docker("volume", "ls", "--quiet", "--filter", "label=remote-claude.place");
      const devices = await docker(
        "run",
        "--rm",
        "--network=none",
        "--entrypoint=sh",
        "remote-claude/session",
        "-c",
        "cat /sys/block/loop*/loop/backing_file 2>/dev/null; true",
      );
      return [containers, volumes, devices].map(
        (text) => places.filter((place) => text.includes(place)).length,
      );
    };
    expect(await left()).toEqual([1, 2, 2]);
    await stack.compose("run", "--rm", "-T", "remove-sessions");
    expect(await left()).toEqual([0, 0, 0]);
  }, 300_000);
});
