import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { AgentConfig } from "@remote-claude/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bubblewrapUnavailable, buildSpec, LocalHarness, newPlaceId } from "../../testing/local-harness.ts";

const unavailable = await bubblewrapUnavailable();
const name = "a place in bubblewrap";

describe.skipIf(unavailable !== null)(
  unavailable === null ? name : `${name} [skipped: ${unavailable}]`,
  () => {
    const harness = unavailable === null ? new LocalHarness("bubblewrap") : null;
    const placeId = newPlaceId();
    const neighbourId = newPlaceId();
    const spec = buildSpec(placeId);
    let egress: Server;

    const run = async (line: string) => {
      if (harness === null) throw new Error("skipped");
      return harness.run(placeId, line);
    };
    const outputOf = async (line: string) => (await run(line)).output.trim();

    beforeAll(async () => {
      if (harness === null) return;
      const runtime = await harness.open();
      // As when egress is first: its directory and socket are of the group of whoever runs it.
      mkdirSync(join(harness.runDir, placeId, "in"), { recursive: true });
      egress = createServer((socket) => socket.end("hello from egress"));
      const umask = process.umask(0o007);
      await new Promise<void>((resolve) =>
        egress.listen(join(harness.runDir, placeId, "in", "egress.sock"), resolve),
      );
      process.umask(umask);
      await runtime.ensure(neighbourId, buildSpec(neighbourId));
      await runtime.ensure(placeId, spec);
    });
    afterAll(async () => {
      egress?.close();
      await harness?.close();
    });

    it("is an ordinary user in a home and a workspace of its own", async () => {
      expect(await outputOf("whoami; echo ~; pwd; hostname")).toBe(
        "claude\n/home/claude\n/workspace\nsession",
      );
      expect(await outputOf("touch /workspace/a ~/b /tmp/c && ls /workspace")).toBe("a");
      expect(statSync(join(harness?.placesDir ?? "", placeId, "workspace", "a")).isFile()).toBe(true);
    });

    it("has Node, npm and npx, in login shells too, and Claude Code where it was told", async () => {
      expect(await outputOf("node --version; bash -lc 'node --version'")).toBe(
        `${process.version}\n${process.version}`,
      );
      expect((await run("npm --version && npx --version")).code).toBe(0);
      expect((await run('test -x "$AGENT_CLAUDE_BINARY"')).code).toBe(0);
    });

    it("sees nothing of the host's homes, data and other places", async () => {
      const hidden = [
        process.env.HOME ?? "/root",
        process.cwd(),
        harness?.directory ?? "",
        "/root",
        "/etc/shadow",
        "/etc/ssl/private",
        "/etc/ssh",
        "/var/lib",
        "/sys",
        "/boot",
      ];
      for (const path of hidden) expect((await run(`test -e '${path}'`)).code, path).toBe(1);
      expect(await outputOf("ls /home /run /run/remote-claude")).toBe(
        "/home:\nclaude\n\n/run:\nremote-claude\n\n/run/remote-claude:\nin\nout",
      );
      expect(await outputOf(`find / -xdev -name '*${neighbourId}*' 2>/dev/null`)).toBe("");
    });

    it("sees no process but its own, and nothing of the host in their command lines", async () => {
      const pids = (await outputOf("ls /proc | grep -c '^[0-9]*$'")).trim();
      expect(Number(pids)).toBeLessThan(10);
      const lines = await outputOf("cat /proc/[0-9]*/cmdline | tr '\\0' ' '");
      expect(lines).toContain("agent.js");
      expect(lines).not.toContain(harness?.directory);
      expect((await run(`kill -0 ${process.pid}`)).code).not.toBe(0);
    });

    it("has no network but a loopback of its own", async () => {
      expect(await outputOf("tail -n +3 /proc/net/dev | cut -d: -f1")).toBe("lo");
      const listener = createServer();
      await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
      const address = listener.address();
      const port = typeof address === "object" ? address?.port : 0;
      expect((await run(`exec 3<>/dev/tcp/127.0.0.1/${port}`)).output).toContain("refused");
      listener.close();
    });

    it("reaches egress by its socket, and can neither replace nor remove it", async () => {
      const dial = `require("net").connect("/run/remote-claude/in/egress.sock").pipe(process.stdout)`;
      expect(await outputOf(`node -e '${dial}'`)).toBe("hello from egress");
      for (const attempt of [
        "rm -f in/egress.sock",
        "mv in/egress.sock in/x",
        "touch in/y",
        "mv in out/in",
        "rm in/agent.json",
      ]) {
        expect((await run(`cd /run/remote-claude && ${attempt}`)).code, attempt).not.toBe(0);
      }
    });

    it("is told its key and secret in a file, and nothing by its environment", async () => {
      const config = AgentConfig.parse(JSON.parse(await outputOf("cat $AGENT_IN/agent.json")));
      expect(config).toEqual(spec.agent);
      const file = statSync(join(harness?.runDir ?? "", placeId, "in", "agent.json"));
      expect(file.mode & 0o777).toBe(0o640);
      expect(statSync(join(harness?.runDir ?? "", placeId, "out")).mode & 0o7777).toBe(0o2770);
      const names = (await outputOf("env | cut -d= -f1 | sort")).split("\n");
      expect(names.filter((each) => !["PWD", "SHLVL", "_", "OLDPWD"].includes(each))).toEqual([
        "AGENT_CLAUDE_BINARY",
        "AGENT_EGRESS_PORT",
        "AGENT_HOME",
        "AGENT_IN",
        "AGENT_OUT",
        "AGENT_WORKSPACE",
        "HOME",
        "LANG",
        "LOGNAME",
        "LOG_LEVEL",
        "NPM_CONFIG_PREFIX",
        "PATH",
        "REMOTE_CLAUDE_PLACE",
        "SHELL",
        "USER",
      ]);
      expect(await outputOf("cat /proc/[0-9]*/environ 2>/dev/null")).not.toContain(spec.agent.placeSecret);
    });

    it("cannot write to the system", async () => {
      for (const path of [
        "/x",
        "/usr/x",
        "/etc/x",
        "/opt/remote-claude/agent/x",
        "/var/x",
        "/run/x",
        "/home/x",
      ]) {
        expect((await run(`touch ${path}`)).output, path).toMatch(/Read-only|denied/);
      }
      expect((await run("echo x > /etc/passwd")).code).not.toBe(0);
      expect((await run("echo x > /proc/sys/kernel/core_pattern")).code).not.toBe(0);
      expect((await run("echo b > /proc/sysrq-trigger")).code).not.toBe(0);
    });

    it("has a shared memory of a size, and no other room in /dev", async () => {
      const command =
        "echo a > /dev/shm/a && echo made; echo a > /dev/a; df --output=size -m /dev/shm | tail -1";
      const lines = (await outputOf(`{ ${command}; } 2>/dev/null`)).split("\n").map((line) => line.trim());
      expect(lines).toEqual(["made", "256"]);
      expect((await run("echo a > /dev/null && test -c /dev/ptmx && head -c 1 /dev/urandom")).code).toBe(0);
    });

    it("has no capability, and gains none by a setuid program", async () => {
      const status = await outputOf("grep -E '^(Cap(Prm|Eff|Bnd|Amb)|NoNewPrivs)' /proc/self/status");
      expect(status.replaceAll("\t", " ").split("\n").sort()).toEqual([
        "CapAmb: 0000000000000000",
        "CapBnd: 0000000000000000",
        "CapEff: 0000000000000000",
        "CapPrm: 0000000000000000",
        "NoNewPrivs: 1",
      ]);
      for (const attempt of [
        "su -c id </dev/null",
        "mount -t tmpfs none /tmp",
        "chroot / id",
        "mknod /tmp/sda b 8 0",
      ]) {
        expect((await run(attempt)).code, attempt).not.toBe(0);
      }
      const setuid = "cp /usr/bin/id /tmp/id && chmod 4755 /tmp/id && /tmp/id -u; id -u";
      const [effective, real] = (await outputOf(setuid)).split("\n");
      expect(effective).toBe(real);
    });

    it("is ended whole when the process that waits for it is killed", async () => {
      const runtime = await harness?.open();
      await runtime?.ensure(neighbourId, buildSpec(neighbourId));
      const marker = `${900_000 + Math.floor(Math.random() * 90_000)}`;
      await harness?.run(neighbourId, `(setsid env -i /bin/sleep ${marker} >/dev/null 2>&1 &)`);
      const record = JSON.parse(
        readFileSync(join(harness?.placesDir ?? "", neighbourId, "place.json"), "utf8"),
      );
      const { ProcfsTable } = await import("./procfs-table.ts");
      // Others of this machine come and go while we look.
      const commandOf = (pid: number) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, "latin1");
        } catch {
          return "";
        }
      };
      const sleeps = () => new ProcfsTable().all().filter(({ pid }) => commandOf(pid).includes(marker));
      await expect.poll(() => sleeps().length, { timeout: 10_000 }).toBe(1);
      process.kill(record.process.pid, "SIGKILL");
      await expect.poll(() => sleeps().length, { timeout: 10_000 }).toBe(0);
      await expect
        .poll(async () => (await runtime?.find(neighbourId))?.state, { timeout: 10_000 })
        .toBe("lost");
    });

    it("cannot have more processes than its limit", async () => {
      const runtime = await harness?.open();
      const smallId = newPlaceId();
      await runtime?.ensure(smallId, buildSpec(smallId, { pids: 40 }));
      const forks = await harness?.run(smallId, "for i in $(seq 60); do sleep 5 & done; true");
      expect(forks?.output).toMatch(/Resource temporarily unavailable/);
      expect((await run("for i in $(seq 60); do sleep 0 & done; wait; echo fine")).output).toContain("fine");
      await runtime?.remove(smallId);
    });

    it("keeps a log that cannot be read past by the session", async () => {
      writeFileSync(join(harness?.placesDir ?? "", placeId, "probe"), "");
      expect((await run("test -e /workspace/../probe -o -e /proc/1/root/probe")).code).not.toBe(0);
      expect((await run("ls -l /proc/self/fd")).output).not.toContain("bwrap.args");
    });
  },
);
