import { networkInterfaces } from "node:os";
import { defaultTemplate, Template } from "@remote-claude/protocol";
import { describe, expect, it } from "vitest";
import { isPublicAddress, isThisMachine } from "./addresses.ts";
import {
  createJudge,
  type HostPolicy,
  normaliseHost,
  parseHostRules,
  plainPorts,
  policyOf,
  tlsPorts,
} from "./policy.ts";

const open = { resolve: async () => ["140.82.112.3"], ownPorts: new Set<number>(), resolvedUpstream: false };
const installation = (entries: string[], withDefaults = true) => ({
  rules: parseHostRules(entries),
  withDefaults,
});
const proxyPolicy = (entries: string[] = []): HostPolicy => policyOf(defaultTemplate, installation(entries));

describe("addresses", () => {
  it.each(["8.8.8.8", "140.82.112.3", "2606:50c0:8000::153", "64:ff9b::8.8.8.8"])("%s is public", (address) =>
    expect(isPublicAddress(address)).toBe(true),
  );

  it.each([
    ...[
      "0.0.0.0",
      "0.1.2.3",
      "10.1.2.3",
      "100.64.0.1",
      "127.0.0.1",
      "127.8.8.8",
      "168.63.129.16",
      "169.254.169.254",
      "172.16.0.1",
    ],
    ...[
      "172.31.255.255",
      "192.0.0.8",
      "192.0.2.1",
      "192.168.1.1",
      "198.18.0.1",
      "198.51.100.1",
      "203.0.113.9",
    ],
    ...["224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"],
    ...[
      "::",
      "::1",
      "::127.0.0.1",
      "::ffff:127.0.0.1",
      "::ffff:8.8.8.8",
      "::ffff:0:10.0.0.1",
      "64:ff9b::10.0.0.1",
    ],
    ...[
      "64:ff9b::7f00:1",
      "64:ff9b:1::8.8.8.8",
      "100::1",
      "2001::1",
      "2001:db8::1",
      "2002:7f00:1::",
      "fc00::1",
    ],
    ...[
      "fd12::1",
      "fe80::1",
      "fe80::1%eth0",
      "fec0::1",
      "ff02::1",
      "3fff::1",
      "4000::1",
      "5f00::1",
      "",
      "example.org",
    ],
  ])("%s is not public", (address) => expect(isPublicAddress(address)).toBe(false));
});

describe("hosts", () => {
  it("have one spelling", () => {
    expect(normaliseHost("GitHub.COM.")).toBe("github.com");
    expect(normaliseHost("bücher.example")).toBe("xn--bcher-kva.example");
    expect(normaliseHost("0x7f.1")).toBe("127.0.0.1");
    expect(normaliseHost("::1")).toBe("[::1]");
    expect(normaliseHost("[::FFFF:7f00:1]")).toBe("[::ffff:7f00:1]");
  });

  it.each([
    "",
    ".",
    "a..b",
    "a/b",
    "a@b",
    "a b",
    "a?b",
    "a#b",
    "a:80",
    "-a.example",
    "a\\b",
    "x".repeat(254),
  ])("%j is none", (host) => expect(normaliseHost(host)).toBeNull());

  it.each(["http://x", "*", "*.", "x:0", "x:99999", "x:y", "*.10.0.0.1", "a b", "**.x"])(
    "%j is no entry of an allowlist",
    (entry) => expect(() => parseHostRules([entry])).toThrow("is not host"),
  );
});

describe("the policy proxy", () => {
  it.each([
    ["github.com", 443, true],
    ["github.com", 80, true],
    ["github.com", 22, false],
    ["gist.github.com", 443, false],
    ["notgithub.com", 443, false],
    ["github.com.evil.example", 443, false],
    ["a.corp.example", 443, true],
    ["a.b.corp.example", 443, true],
    ["corp.example", 443, false],
    ["evilcorp.example", 443, false],
    ["git.example", 8443, true],
    ["git.example", 443, false],
    ["a.wide.example", 9000, true],
  ])("%s:%d is allowed: %s", async (host, port, allowed) => {
    const policy = proxyPolicy(["*.corp.example", "git.example:8443", " *.wide.example:9000 ", ""]);
    expect((await createJudge(open).judge(policy, host, port)).allowed).toBe(allowed);
  });

  it.each([
    ["a tunnel", tlsPorts, { 443: true, 80: false, 8080: true }],
    ["plain http", plainPorts, { 443: false, 80: true, 8080: true }],
  ])("opens to %s the port it is for, and what is listed", async (_, ports, expected) => {
    const policy = proxyPolicy(["web.example", "web.example:8080"]);
    for (const [port, allowed] of Object.entries(expected)) {
      const verdict = await createJudge(open).judge(policy, "web.example", Number(port), ports);
      expect(verdict.allowed, port).toBe(allowed);
    }
    const listed = proxyPolicy(["web.example:80"]);
    expect(await createJudge(open).judge(listed, "web.example", 80, tlsPorts)).toMatchObject({
      allowed: true,
    });
  });

  it("takes the template's own hosts, and the installation's instead of the defaults", async () => {
    const template = Template.parse({ name: "x", egress: { hosts: ["own.example"] } });
    const policy = policyOf(template, installation(["other.example"], false));
    const judge = createJudge(open);
    const allowed = async (host: string) => (await judge.judge(policy, host, 443)).allowed;
    expect(await Promise.all(["own.example", "other.example", "github.com"].map(allowed))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("lets a private address through only by an entry that names host and port", async () => {
    const judge = createJudge({ ...open, resolve: async () => ["10.0.0.7"] });
    const policy = proxyPolicy([
      "in.example:443",
      "wild.example",
      "*.sub.example:443",
      "10.0.0.8",
      "10.0.0.9:80",
    ]);
    const allowed = async (host: string, port: number) => (await judge.judge(policy, host, port)).allowed;
    expect(await allowed("in.example", 443)).toBe(true);
    expect(await allowed("wild.example", 443)).toBe(false);
    expect(await allowed("a.sub.example", 443)).toBe(false);
    expect(await allowed("10.0.0.8", 80)).toBe(false);
    expect(await allowed("10.0.0.9", 80)).toBe(true);
  });

  it("says of a private address what would let it through, and of its own ports that nothing would", async () => {
    const judge = createJudge({ ...open, ownPorts: new Set([4321]) });
    const said = async (host: string, port: number) => {
      const verdict = await judge.judge(proxyPolicy([]), host, port);
      return verdict.allowed ? "allowed" : verdict.message;
    };
    expect(await said("10.1.2.3", 80)).toMatch(/leads to a private address.* adding 10\.1\.2\.3:80 to/);
    expect(await said("[fd00::1]", 443)).toMatch(/leads to a private address.* adding \[fd00::1\]:443 to/);
    expect(await said("127.0.0.1", 4321)).toBe(
      "127.0.0.1:4321 belongs to Remote Claude itself and is closed to sessions.",
    );
    expect(await said("8.8.8.8", 443)).toMatch(/not on this installation's allowlist.* adding 8\.8\.8\.8 to/);
  });
});

it("the policy open reaches any public host at the web's ports, and listed ones beyond", async () => {
  const template = Template.parse({ name: "x", egress: { policy: "open", hosts: ["ssh.example:22"] } });
  const policy = policyOf(template, installation([]));
  const judge = createJudge(open);
  expect(await judge.judge(policy, "anything.example", 443)).toMatchObject({ allowed: true });
  expect(await judge.judge(policy, "anything.example", 25)).toMatchObject({ allowed: false, reason: "port" });
  expect(await judge.judge(policy, "ssh.example", 22)).toMatchObject({ allowed: true });
  const inside = createJudge({ ...open, resolve: async () => ["192.168.0.1"] });
  expect(await inside.judge(policy, "router.example", 80)).toMatchObject({
    allowed: false,
    reason: "not-public",
  });
});

it("this machine is known by the addresses of its network cards, also as IPv4 in IPv6", () => {
  const cards = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  for (const { address, family } of cards) {
    expect(isThisMachine(address), address).toBe(true);
    if (family === "IPv4") expect(isThisMachine(`::ffff:${address}`), address).toBe(true);
  }
  expect(isThisMachine("140.82.112.3")).toBe(false);
});

it("the policy none lets nothing through, listed or not", async () => {
  const template = Template.parse({ name: "x", egress: { policy: "none", hosts: ["own.example"] } });
  const policy = policyOf(template, installation(["github.com", "127.0.0.1:80"]));
  for (const [host, port] of [
    ["github.com", 443],
    ["own.example", 443],
    ["127.0.0.1", 80],
  ] as const) {
    expect(await createJudge(open).judge(policy, host, port)).toMatchObject({
      allowed: false,
      reason: "policy",
    });
  }
});

it("a name that only the upstream proxy can resolve is left to it, if an administrator chose the name", async () => {
  const resolve = () => Promise.reject(new Error("no DNS here"));
  const policy = policyOf(Template.parse({ name: "x", egress: { policy: "open" } }), installation([]));
  const direct = createJudge({ ...open, resolve });
  const proxied = createJudge({ ...open, resolve, resolvedUpstream: true });
  expect(await direct.judge(policy, "github.com", 443)).toMatchObject({
    allowed: false,
    reason: "not-resolved",
  });
  expect(await proxied.judge(policy, "github.com", 443)).toMatchObject({ allowed: true, addresses: [] });
  expect(await proxied.judge(policy, "intranet.corp", 443)).toMatchObject({ allowed: false });
  expect(await proxied.judge(policy, "10.0.0.1", 443)).toMatchObject({
    allowed: false,
    reason: "not-public",
  });
});
