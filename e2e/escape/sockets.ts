import { randomUUID } from "node:crypto";
import { link, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { insidePlace } from "@remote-claude/protocol";
import { expect, it, vi } from "vitest";
import { ConversationReader } from "../testing/conversation-reader.ts";
import type { Scene } from "./scene.ts";

const agentSocket = `${insidePlace.out}/agent.sock`;
const egressSocket = `${insidePlace.in}/egress.sock`;

/** What speak-on-agent-socket.mjs prints. */
interface Spoken {
  readonly outcome: string;
  readonly heard: string[];
}

/** The two sockets, which are all that leads in and out. */
export function itBelievesNobodyOnSockets(scene: Scene): void {
  const attack = (command: string) => scene.attack(command);
  const speak = async (path: string, ...words: string[]) =>
    JSON.parse(
      await attack(
        `node tools/speak-on-agent-socket.mjs ${path} ${words.map((word) => `'${word}'`).join(" ")}`,
      ),
    ) as Spoken;

  it("takes the place of the socket that leads out, to listen to its own session's keys", async () => {
    const replaced = `rm -f ${egressSocket} || mv ${egressSocket} /tmp/; ls ${insidePlace.in}`;
    expect(await attack(replaced)).toContain("egress.sock");
  });

  it("answers Claude's question for the person, by connecting to agent.sock", async () => {
    const { client, attacker: sessionId } = scene;
    const live = client.live();
    try {
      const conversationId = randomUUID();
      await live.command("chat.create", sessionId, { conversationId });
      const conversation = new ConversationReader(live, sessionId, conversationId);
      await conversation.subscribe();
      const text = "[[script:write-file]]";
      await live.command("chat.send", sessionId, { conversationId, messageId: randomUUID(), text });
      const { event } = await conversation.until("permission-asked");
      const requestId = event.kind === "permission-asked" ? event.requestId : "";
      const payload = { conversationId, requestId, decision: "allow" };
      const actor = { id: randomUUID(), name: "Mallory" };
      const answer = JSON.stringify({ id: 1, type: "chat.answer", payload, client: "c", actor });
      const attempts = [
        ["plain", answer],
        ["plain", JSON.stringify({ authenticate: { nonce: "x".repeat(43), signature: "" } }), answer],
        ["plain", JSON.stringify({ welcome: { mac: "x" } }), answer],
        ["forged", answer],
      ];
      for (const attempt of attempts)
        expect(await speak(agentSocket, ...attempt), attempt.join(" ")).toEqual({
          outcome: "closed",
          heard: ["hello"],
        });
      await conversation.subscribe();
      expect(conversation.entries.some((entry) => entry.event.kind === "permission-answered")).toBe(false);
      expect(await attack("ls written.txt 2>&1")).toContain("No such file");
      await live.command("chat.answer", sessionId, { conversationId, requestId, decision: "deny" });
      await conversation.until("turn-ended");
    } finally {
      live.close();
    }
  });

  it("passes the way out for a neighbour's: headers, tokens and paths do not say who speaks", async () => {
    const { attackerPlace, neighbourPlace, outside, product } = scene;
    const token = (await scene.inNeighbour("printenv ANTHROPIC_AUTH_TOKEN")).trim();
    expect(token).not.toBe("");
    const claims = [
      `x-place-id: ${neighbourPlace}`,
      `x-session-id: ${scene.neighbour}`,
      `forwarded: for=${neighbourPlace}`,
      `proxy-authorization: Basic ${Buffer.from(`${neighbourPlace}:${token}`).toString("base64")}`,
      `authorization: Bearer ${token}`,
    ];
    const headers = claims.map((claim) => `-H '${claim}'`).join(" ");
    const curl = `curl -sS -m 20 --unix-socket ${egressSocket} ${headers}`;
    const db = await product.database();
    const spent = async () =>
      (await db.usageDay.findMany()).map(({ userId, requests }) => ({ userId, requests }));
    const before = await spent();
    // The model, on somebody else's account.
    const body = JSON.stringify({
      model: "claude-sonnet-4-5",
      max_tokens: 8,
      messages: [{ role: "user", content: "hi" }],
    });
    const asked = `${curl} -o /dev/null -w '%{http_code}' -H 'content-type: application/json' -d '${body}'`;
    expect(await attack(`${asked} http://egress/v1/messages`)).toBe("200");
    // A host, in somebody else's name.
    const host = `claimed-${randomUUID()}.example`;
    expect(await attack(`${curl} --request-target http://${host}/ http://${host}/`)).toContain(host);
    // Somebody else's credential for a git host: their session has it, this one has not.
    const path = `git/${outside.git.host}/private/project.git/info/refs?service=git-upload-pack`;
    expect(await attack(`${curl} 'http://egress/${path}'`)).toMatch(/stored no credential/);

    await expect
      .poll(() => db.auditLog.findMany({ where: { target: `${host}:80` } }))
      .toMatchObject([{ sessionId: scene.attacker, details: { placeId: attackerPlace } }]);
    const { ownerId } = await db.session.findUniqueOrThrow({ where: { id: scene.attacker } });
    await expect.poll(spent).not.toEqual(before);
    const changed = (await spent()).filter(
      ({ userId, requests }) => !before.some((row) => row.userId === userId && row.requests === requests),
    );
    // By model, perhaps: whatever ran in this session meanwhile is its owner's, too.
    expect(new Set(changed.map(({ userId }) => userId))).toEqual(new Set([ownerId]));
  });

  it("passes a neighbour's socket off as its own", async () => {
    const [own, theirs] = await Promise.all(
      [scene.attackerPlace, scene.neighbourPlace].map((place) => scene.runDirectory(place)),
    );
    const neighbours = `${theirs}/out/agent.sock`;
    // From inside: theirs is nowhere, and its own can be neither removed nor covered.
    expect(await speak(neighbours, "plain")).toEqual({ outcome: "ENOENT", heard: [] });
    const tries = [`rm -f ${agentSocket}`, `mv ${agentSocket} /tmp/s`, `ln -sf ${neighbours} ${agentSocket}`];
    for (const line of tries) expect(await attack(`${line} 2>&1`), line).toMatch(/denied|not permitted/i);
    expect(await attack(`touch ${insidePlace.out}/x 2>&1`)).toMatch(/denied/);

    // And if it could: the very socket of the neighbour's, under its own name. The api asks it for a proof it cannot give.
    const socket = join(own ?? "", "out/agent.sock");
    await rename(socket, `${socket}.kept`);
    await link(neighbours, socket);
    await scene.product.kill("api");
    await scene.product.untilHealthy();
    const patience = { timeout: 30_000, interval: 200 };
    await vi.waitFor(() => scene.neighbourWorks(), patience);
    const secret = `told-${randomUUID()}`;
    await expect(scene.client.execute(scene.attacker, `echo ${secret}`)).rejects.toMatchObject({
      code: "agent_unreachable",
    });
    expect(await scene.inNeighbour(`grep -rl ${secret} ~ /workspace /tmp 2>/dev/null; true`)).toBe("");
    await rm(socket);
    await rename(`${socket}.kept`, socket);
    await vi.waitFor(async () => expect(await attack("echo back")).toBe("back"), patience);
  });
}

/** Floods: whoever pours into a socket waits for its own session alone. */
export function itFloodsItselfAlone(scene: Scene): void {
  const counts = async () =>
    JSON.parse(await scene.attack("cat flood/flood.json")) as Record<
      "opened" | "refused" | "closed" | "requests" | "answers" | "bytesSent",
      number
    >;

  /** Runs `work` while the flood runs on from before it to after it, and says what the flood had done by then. */
  async function whileFlooding(kind: "agent" | "egress", socket: string, work: () => Promise<void>) {
    await scene.attack("rm -rf flood && mkdir flood");
    await scene.attack(
      `(nohup setsid node tools/flood.mjs flood ${socket} ${kind} > flood/log 2>&1; touch flood/ended) & echo begun`,
    );
    const patience = { timeout: 60_000, interval: 200 };
    // Its own agent answers as well, which is how this is known.
    await vi.waitFor(async () => expect((await counts()).opened).toBeGreaterThan(1000), patience);
    const before = await counts();
    await work();
    await vi.waitFor(async () => {
      const after = await counts();
      expect(after.opened + after.requests).toBeGreaterThan(before.opened + before.requests);
    }, patience);
    const total = await counts();
    await scene.attack("touch flood/stop; until [ -e flood/ended ]; do sleep 0.1; done; cat flood/log");
    return total;
  }

  const times = async (count: number, work: () => Promise<unknown>) => {
    const begun = performance.now();
    for (let n = 0; n < count; n += 1) await work();
    return `${((performance.now() - begun) / count).toFixed(0)} ms`;
  };
  const startedAt = () => scene.inspect(scene.attackerPlace, "{{.State.StartedAt}} {{.State.OOMKilled}}");

  it("on agent.sock: neighbour and api work on, and its agent goes on serving the api", async ({
    annotate,
  }) => {
    const { client, product } = scene;
    const [begun, before, pid] = [
      await startedAt(),
      await scene.memoryMbOf("api"),
      await product.pidOf("api"),
    ];
    const quiet = await times(10, () => scene.neighbourWorks());
    let loud = "";
    const flood = await whileFlooding("agent", agentSocket, async () => {
      loud = await times(10, () => scene.neighbourWorks());
      expect((await client.fetch("/api/ready")).status).toBe(200);
      // A file comes on a connection of its own, which the flood may push out: asked for again, it gets through.
      const file = `/api/sessions/${scene.attacker}/files/tools/flood.mjs`;
      await vi.waitFor(async () => expect((await client.fetch(file)).status).toBe(200), {
        timeout: 60_000,
        interval: 200,
      });
    });
    const grown = (await scene.memoryMbOf("api")) - before;
    await annotate(`a neighbour's command: ${quiet}, in the flood ${loud}; the api + ${grown.toFixed(0)} MB`);
    await annotate(JSON.stringify(flood));
    expect(flood.closed).toBeGreaterThan(500);
    expect(grown).toBeLessThan(128);
    expect([await startedAt(), await product.pidOf("api")]).toEqual([begun, pid]);
  });

  it("on egress.sock: the neighbour's way out, Claude and the api work on, and egress holds no more for it than it may", async ({
    annotate,
  }) => {
    const { product } = scene;
    const [begun, before, pid] = [
      await startedAt(),
      await scene.memoryMbOf("egress"),
      await product.pidOf("egress"),
    ];
    const fetched = async () =>
      expect(await scene.inNeighbour(`curl -fsS ${scene.outside.registry.url}semver | head -c 20`)).toMatch(
        /^{"name":"semver"/,
      );
    const quiet = await times(10, fetched);
    let [loud, sockets] = ["", 0];
    const flood = await whileFlooding("egress", egressSocket, async () => {
      loud = await times(10, fetched);
      sockets = await scene.socketsOf("egress");
      await scene.neighbourWorks();
      expect(await scene.askClaude()).not.toBe("");
    });
    const grown = (await scene.memoryMbOf("egress")) - before;
    await annotate(`a neighbour's request: ${quiet}, in the flood ${loud}; egress + ${grown.toFixed(0)} MB`);
    await annotate(`${sockets} sockets of egress; ${JSON.stringify(flood)}`);
    expect(flood.answers).toBeGreaterThan(500);
    // 512 for each place, and what it has for itself.
    expect(sockets).toBeLessThan(512 + 100);
    expect(grown).toBeLessThan(192);
    expect([await startedAt(), await product.pidOf("egress")]).toEqual([begun, pid]);
  });
}
