import { insidePlace } from "@remote-claude/protocol";
import { expect, it } from "vitest";
import type { Refused } from "../testing/client.ts";
import type { Scene } from "./scene.ts";

/** Attempts of the race, each by reading, writing and deleting; how many of them at a time. */
const rounds = 120;
const atOnce = 6;

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** The file API as a person uses it, while a program in the session rearranges what it works on. */
export function itKeepsTheFileApiInside(scene: Scene): void {
  const path = (name: string) => `/api/sessions/${scene.attacker}/files/${name}`;
  const ask = async (method: string, name: string, body?: string): Promise<Answer> => {
    const answer = await scene.client.fetch(path(name), { method, ...(body === undefined ? {} : { body }) });
    return { status: answer.status, text: await answer.text() };
  };
  /** Of a home of loot: outside the workspace, and yet the session's own user could write there. */
  const layOut = (loot: string) => scene.attack(`mkdir -p ${loot} && printf outside > ${loot}/secret`);
  const untouched = async (loot: string) =>
    expect(await scene.attack(`ls -A ${loot}; cat ${loot}/secret`)).toBe("secret\noutside");

  it("leads the file API out by a symbolic link, whatever it does there", async () => {
    const loot = `${insidePlace.home}/loot-of-links`;
    await layOut(loot);
    const inside = `${insidePlace.in}/agent.json`;
    await scene.attack(
      `mkdir -p links && cd links && ln -s ${loot} folder && ln -s ${loot}/secret file && ln -s ${loot}/new new &&
       ln -s folder again && ln -s / root && ln -s /proc/self/environ environ && ln -s /proc/1/root process &&
       ln -s ../../home/claude/loot-of-links relative && ln -s ${inside} agent && ln -s loop loop`,
    );
    const targets = [
      ...["folder/secret", "again/secret", "relative/secret", "file", "root/etc/passwd", "agent", "environ"],
      ...["process/etc/passwd", `root${insidePlace.home}/loot-of-links/secret`, "loop", "folder/made", "new"],
    ];
    for (const target of targets) {
      for (const method of ["GET", "PUT", "DELETE"]) {
        // To delete a link is to delete the link.
        if (method === "DELETE" && !target.includes("/")) continue;
        const answer = await ask(method, `links/${target}`, method === "PUT" ? "overwritten" : undefined);
        expect(answer.status, `${method} ${target}`).toBeGreaterThanOrEqual(400);
        expect(answer.status, `${method} ${target}`).toBeLessThan(500);
        expect(answer.text, target).not.toMatch(/^outside|root:|placeSecret|AGENT_IN/);
      }
    }
    const listed = await scene.client.fetch(`/api/sessions/${scene.attacker}/files?path=links/folder`);
    expect([listed.status >= 400, (await listed.text()).includes("secret")]).toEqual([true, false]);
    await untouched(loot);
  });

  it("has a link to the outside followed by a move, an upload, a command's folder or a deletion", async () => {
    const loot = `${insidePlace.home}/loot-of-moves`;
    await layOut(loot);
    await scene.attack(`mkdir -p moves && cd moves && echo mine > mine && ln -s ${loot} folder`);
    const live = scene.client.live();
    try {
      for (const [from, to] of [
        ["moves/mine", "moves/folder/mine"],
        ["moves/folder/secret", "moves/secret"],
      ] as const) {
        const refused = live.command("file.move", scene.attacker, { from, to });
        await expect(refused, `${from} to ${to}`).rejects.toMatchObject({ code: "bad_request" });
      }
    } finally {
      live.close();
    }
    const form = new FormData();
    form.set("file", new Blob(["uploaded"]), "uploaded.txt");
    const upload = { method: "POST", body: form };
    const to = `/api/sessions/${scene.attacker}/files?path=moves/folder`;
    expect((await scene.client.fetch(to, upload)).status).toBe(400);
    const command = { command: "cat secret", cwd: "moves/folder" };
    const ran = scene.client.call("POST", `/api/sessions/${scene.attacker}/execute`, command);
    expect(await ran.catch(({ code }: Refused) => code)).toBe("bad_request");
    // The link goes, and what it led to stays.
    expect((await ask("DELETE", "moves/folder")).status).toBe(204);
    await untouched(loot);
    expect(await scene.attack("ls moves")).toBe("mine");
  });

  it("makes a hard link to a file outside of the workspace", async () => {
    const loot = `${insidePlace.home}/loot-of-hard-links`;
    await layOut(loot);
    const files = [
      ...["/etc/passwd", "/opt/remote-claude/agent/agent.js", `${insidePlace.in}/agent.json`, "/proc/1/exe"],
      // On the same disk as the workspace, and yet another mount of it.
      ...[`${loot}/secret`, `${insidePlace.out}/agent.sock`],
    ];
    await scene.attack("mkdir -p hard");
    for (const file of files) {
      const link = `import os; os.link("${file}", "hard/link"); print("linked")`;
      const open = `import os; fd=os.open("${file}", os.O_RDONLY); os.link(f"/proc/self/fd/{fd}", "hard/link", follow_symlinks=True); print("linked")`;
      for (const program of [link, open]) {
        const said = await scene.attack(`python3 -c '${program}' 2>&1 | tail -n 1`);
        expect(said, file).toMatch(
          /Invalid cross-device link|not permitted|Permission denied|No such device/,
        );
      }
    }
    expect(await scene.attack("ls hard")).toBe("");
  });

  it("has the file API write through a hard link: the name gets a file of its own", async () => {
    await scene.attack("mkdir -p twice && echo first > twice/one && ln twice/one twice/other");
    expect((await ask("PUT", "twice/other", "second")).status).toBe(200);
    expect(await scene.attack("cat twice/one twice/other")).toBe("first\nsecond");
  });

  it("wins a race: folder and file swapped for links while the file API reads, writes and deletes", async () => {
    const loot = `${insidePlace.home}/loot-of-the-race`;
    await layOut(loot);
    const names = Array.from({ length: rounds }, (_, round) => `written-${round}`);
    await scene.attack(
      `mkdir -p race/folder && printf inside > race/folder/secret && printf inside > race/file &&
       ln -s ${loot} race/link && ln -s ${loot}/secret race/file-link`,
    );
    const swapping = scene.attack(
      "nohup python3 tools/swap-paths.py race folder link file file-link > race/swaps 2>&1 & echo begun",
    );
    expect(await swapping).toBe("begun");
    const answers = new Map<string, Answer>();
    const read: Answer[] = [];
    const waiting = [...names];
    const work = async () => {
      for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
        answers.set(name, await ask("PUT", `race/folder/${name}`, name));
        read.push(await ask("GET", "race/folder/secret"), await ask("GET", "race/file"));
        if (answers.size % 4 === 0) read.push(await ask("DELETE", `race/folder/${name}`));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    await scene.attack("touch race/stop; until [ -s race/swaps ]; do sleep 0.1; done");
    // It was a race: both ways were met, very often.
    expect(Number(await scene.attack("cat race/swaps"))).toBeGreaterThan(10_000);
    const statuses = new Set([...answers.values(), ...read].map(({ status }) => status));
    // 503: its own agent had no time just then, which is nobody else's loss.
    expect([...statuses].filter((status) => status >= 500 && status !== 503)).toEqual([]);
    expect(statuses).toContain(400);
    expect(read.filter(({ status, text }) => status === 200 && text !== "inside")).toEqual([]);
    expect(read.some(({ status }) => status === 200)).toBe(true);
    await untouched(loot);
    // What was said to be written is there, where it belongs.
    const written = names.filter((name) => (answers.get(name)?.status ?? 0) < 300);
    expect(written.length).toBeGreaterThan(0);
    const there = (await scene.attack("cd race/folder && ls")).split("\n");
    expect(there.filter((name) => !["secret", ...written].includes(name))).toEqual([]);
  });
}
