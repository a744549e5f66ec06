import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { insidePlace } from "@remote-claude/protocol";
import { expect, it } from "vitest";
import type { Scene } from "./scene.ts";

const run = promisify(execFile);

/** Rights, mounts and processes. */
export function itHoldsRightsBack(scene: Scene): void {
  const attack = (command: string) => scene.attack(command);

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

  it("writes outside of its own folders", async () => {
    for (const folder of ["/", "/etc", "/usr/bin", "/opt/remote-claude/agent", "/run", insidePlace.in])
      expect(await attack(`touch ${folder}/x && echo written`), folder).not.toContain("written");
  });

  it("mounts anything, or makes a device", async () => {
    const mounts = "mount -t tmpfs none /mnt; mount --bind / /workspace; mount -o remount,rw /";
    expect(await attack(`${mounts}; touch /etc/x && echo written`)).not.toContain("written");
    expect(await attack("mknod /workspace/disk b 7 0 && echo made; ls /dev")).not.toMatch(/made|loop|sd|vd/);
  });

  it("sees processes, sockets or files of anybody else", async () => {
    const { neighbourPlace } = scene;
    const commands = await attack("cat /proc/[0-9]*/cmdline | tr '\\0' ' '");
    expect(commands).not.toMatch(/dockerd|postgres|session-manager|egress\/dist/);
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

  it("traces, reads the memory of, or signals a process of the neighbour's or of this machine's", async () => {
    const theirs = [await scene.inspect(scene.neighbourPlace, "{{.State.Pid}}"), String(process.pid)];
    // They are there, under these numbers, for whoever is not in a container.
    for (const pid of theirs) expect(await readFile(`/proc/${pid}/comm`, "utf8")).not.toBe("");
    const said = JSON.parse(await attack(`python3 tools/trace.py ${theirs.join(" ")}`));
    for (const pid of theirs) {
      for (const [way, outcome] of Object.entries(said[pid]))
        expect(outcome, `${way} of ${pid}`).toMatch(/^(ESRCH|EPERM|ENOENT|EINVAL)$/);
    }
    // What it may do to a process of its own: the tries above were real ones.
    expect(said.own).toMatchObject({ signal: "done", seize: "done", pidfd_open: "done" });
  });

  it("reaches the Docker Engine: there is no socket of it, nor of containerd", async () => {
    const sockets = await attack("find / -name '*.sock' -not -path '/proc/*' 2>/dev/null");
    expect(sockets.split("\n").sort()).toEqual([
      `${insidePlace.in}/egress.sock`,
      `${insidePlace.out}/agent.sock`,
    ]);
    const engine = ["/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock"];
    const outcomes = JSON.parse(await attack(`node tools/dial.mjs ${engine.join(" ")}`));
    for (const path of engine) expect(outcomes[path], path).toBe("ENOENT");
    // Abstract sockets, which have no file, go with the network: there are none but ours.
    expect(await attack("grep -c '@' /proc/net/unix")).toBe("0");
  });

  it("finds a secret in what the engine shows of a session", async () => {
    const { stdout } = await run("docker", ["ps", "--quiet", "--filter", "label=remote-claude.role=session"]);
    const shown = (await run("docker", ["inspect", ...stdout.trim().split("\n")])).stdout;
    for (const [name, secret] of Object.entries(await scene.product.secrets()))
      expect(shown.includes(secret), name).toBe(false);
    const history = (await run("docker", ["history", "--no-trunc", "remote-claude/session"])).stdout;
    expect(history).not.toMatch(/sk-ant|password|_authToken/i);
  });
}
