import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { insidePlace } from "@remote-claude/protocol";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { ScriptedModel } from "./scripted-model/index.ts";
import { Client, type Live } from "./testing/client.ts";
import { ConversationReader } from "./testing/conversation-reader.ts";
import { findSecrets } from "./testing/find-secrets.ts";
import { bringTools, runTool } from "./testing/inside.ts";
import { describeUnless, isolationUnavailable } from "./testing/machine.ts";
import { openTerminal } from "./testing/open-terminal.ts";
import { Product, root } from "./testing/product.ts";
import { makeProject, type Project } from "./testing/project.ts";
import { gitUser, Outside, storeGitToken } from "./testing/ways-out.ts";

const unavailable = await isolationUnavailable();

const model = new ScriptedModel();
let product: Product;
let client: Client;
let live: Live;
let sessionId: string;
let placeId: string;
let neighbourId: string;
let neighbourPlaceId: string;
let runDir: string;

/** Serves a private repository, of which a clone is in the session. */
const outside = new Outside();
let project: Project;

/** What no session and no log may hold, by its name: also what a person stored for a git host. */
const everySecret = async () => ({
  ...(await product.secrets()),
  "git-token": gitUser.token,
  "git-authorization": Buffer.from(`${gitUser.name}:${gitUser.token}`).toString("base64"),
});

const conversationId = randomUUID();
let conversation: ConversationReader;
let requestId: string;

const placeOf = async (id: string) =>
  (await (await product.database()).place.findFirstOrThrow({ where: { sessionId: id } })).id;
const agentSocket = `${insidePlace.out}/agent.sock`;

/** From a terminal in the session, as a person or a program of theirs would. */
async function inTerminal<Answer>(line: string): Promise<Answer> {
  const output = `answer-${randomUUID()}.json`;
  const terminal = await openTerminal(live, sessionId);
  await terminal.type(`node tools/${line} > ${output}; echo "ended-$((40+2))"\r`);
  await terminal.until(/ended-42/);
  return (await client.fetch(`/api/sessions/${sessionId}/files/${output}`)).json() as Promise<Answer>;
}

const stillPending = async () => {
  await conversation.subscribe();
  return !conversation.entries.some(({ event }) => event.kind === "permission-answered");
};

beforeAll(async () => {
  if (unavailable !== null) return;
  await model.listen();
  project = await makeProject();
  await outside.open(project);
  product = await Product.start({
    modelUrl: model.url,
    allowedHosts: outside.git.host,
    environment: outside.environment,
  });
  client = await Client.signIn(product);
  await storeGitToken(client, outside.git.host);
  [sessionId, neighbourId] = (
    await Promise.all(["Sealed", "Neighbour"].map((name) => client.createSession({ name })))
  ).map(({ id }) => id) as [string, string];
  [placeId, neighbourPlaceId] = await Promise.all([placeOf(sessionId), placeOf(neighbourId)]);
  runDir = (await product.environmentOf("api")).RUN_DIR ?? "";
  await bringTools(client, sessionId);
  const url = `https://${outside.git.host}/private/project.git`;
  const cloned = await client.execute(sessionId, `git clone -q ${url} ~/private && ls ~/private`);
  if (!cloned.stdout.includes("index.js")) throw new Error(`not cloned: ${cloned.stderr}`);
  live = client.live();
  // Claude Code runs, with a question that nobody has answered.
  await live.command("chat.create", sessionId, { conversationId });
  conversation = new ConversationReader(live, sessionId, conversationId);
  await conversation.subscribe();
  const text = "[[script:write-file]]";
  await live.command("chat.send", sessionId, { conversationId, messageId: randomUUID(), text });
  const { event } = await conversation.until("permission-asked");
  requestId = event.kind === "permission-asked" ? event.requestId : "";
});

afterAll(async () => {
  live?.close();
  await product?.stop();
  if (unavailable !== null) return;
  await Promise.all([model.close(), outside.close(), project.remove()]);
});

describeUnless(unavailable, "a session in bubblewrap", () => {
  it("holds no secret: not in a process, its environment, arguments or memory, nor in a file", async () => {
    const secrets = Object.entries(await everySecret());
    expect(secrets.map(([name]) => name)).toEqual(
      expect.arrayContaining([
        "model-key",
        "internal-secret",
        "manager-secret",
        "place-secret-key",
        "api-signing-key",
        "git-credential-keys",
        "git-token",
      ]),
    );
    const { leaks, canaryAt, seen, commands } = await findSecrets(
      client,
      sessionId,
      Object.fromEntries(secrets),
    );
    // What must be found, or the search is worth nothing: in an environment, an argument, a file, a memory.
    expect(canaryAt).toContain(`file ${insidePlace.home}/canary`);
    for (const kind of ["environment of", "arguments of", "memory of node -e"]) {
      expect(
        canaryAt.some((where) => where.startsWith(kind)),
        kind,
      ).toBe(true);
    }
    expect(commands.some((command) => command.includes("agent.js"))).toBe(true);
    expect(commands.some((command) => command.includes("bin/claude"))).toBe(true);
    expect(seen.environments).toBeGreaterThan(3);
    expect(seen.memoryBytes).toBeGreaterThan(50 * 1024 * 1024);
    expect(leaks).toEqual([]);
  });

  it("leaves no secret in the files that are kept of it", async () => {
    const secrets = Object.entries(await everySecret());
    const kept = ["places", "artifacts", "logs"].map((name) => join(product.dataDir, name));
    const folders = [...kept, runDir];
    const leaks: string[] = [];
    for (const folder of folders) {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
      for (const entry of entries.filter((file) => file.isFile())) {
        const path = join(entry.parentPath, entry.name);
        const bytes = await readFile(path);
        for (const [name, secret] of secrets) if (bytes.includes(secret)) leaks.push(`${name}: ${path}`);
      }
    }
    expect(leaks).toEqual([]);
  });

  it("reaches the model with the real key, and its own worthless token stays behind", async () => {
    const [request] = model.messageRequests;
    expect(request?.headers["x-api-key"]).toBe(product.apiKey);
    expect(request?.headers.authorization).toBeUndefined();
    const { stdout } = await client.execute(sessionId, "echo $ANTHROPIC_AUTH_TOKEN");
    expect(stdout.trim()).not.toBe("");
    expect(JSON.stringify(request)).not.toContain(stdout.trim());
  });

  it("sees nothing of the host's home, the product's data, other sessions and other processes", async () => {
    const neighbourFile = `secret-of-the-neighbour-${randomUUID()}`;
    await client.execute(
      neighbourId,
      `touch ~/${neighbourFile} /workspace/${neighbourFile} /tmp/${neighbourFile}`,
    );
    const hidden = [product.dataDir, runDir, root, homedir(), "/root", "/etc/shadow", "/var/lib", "/sys"];
    const tests = hidden.map((path) => `test ! -e '${path}' || echo '${path}'`);
    expect((await client.execute(sessionId, tests.join("\n"))).stdout).toBe("");
    const names = `find / -path /proc -prune -o \\( -name '${neighbourFile}' -o -name '${neighbourPlaceId}*' \\) -print`;
    expect((await client.execute(sessionId, `${names} 2>/dev/null`)).stdout).toBe("");
    const { stdout: processes } = await client.execute(sessionId, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '");
    for (const stranger of [
      "postgres",
      "egress",
      "session-manager",
      "vitest",
      product.dataDir,
      neighbourPlaceId,
    ]) {
      expect(processes).not.toContain(stranger);
    }
    expect((await client.execute(sessionId, `kill -0 ${product.process.pid}`)).exitCode).not.toBe(0);
  });

  it("has no network card, and no direct way to the product or to the outside", async () => {
    const interfaces = "tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '";
    expect((await client.execute(sessionId, interfaces)).stdout).toBe("lo\n");
    const services = await Promise.all(
      ["api", "egress", "session-manager", "web"].map((name) => product.environmentOf(name)),
    );
    const ports = services.flatMap((environment) =>
      ["API_PORT", "EGRESS_PORT", "MANAGER_PORT", "WEB_PORT"].flatMap((name) => environment[name] ?? []),
    );
    ports.push(new URL(product.url).port, new URL(model.url).port);
    expect(new Set(ports).size).toBe(6);
    const database = new URL(services[0]?.DATABASE_URL ?? "").searchParams.get("host");
    const closed = [
      ...ports.map((port) => `127.0.0.1:${port}`),
      "127.0.0.1:5432",
      "1.1.1.1:443",
      "169.254.169.254:80",
      "[2606:4700:4700::1111]:443".replace(/[[\]]/g, ""),
      "example.com:443",
      `${database}/.s.PGSQL.5432`,
      `${runDir}/${neighbourPlaceId}/in/egress.sock`,
    ];
    const outcomes = await runTool<Record<string, string>>(
      client,
      sessionId,
      `dial.mjs '${closed.join("' '")}' ${insidePlace.in}/egress.sock`,
    );
    // Its own socket is the one way out: the same program connects to it.
    expect(outcomes[`${insidePlace.in}/egress.sock`]).toBe("connected");
    for (const target of closed) {
      expect(outcomes[target], target).toMatch(
        /^(ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|ENOENT|EACCES|EAI_AGAIN|ENOTFOUND)$/,
      );
    }
  });

  it("is refused a host that is not listed, in a sentence that names it, and there is a row of it", async () => {
    const api = new URL(product.url).port;
    const targets = [
      "http://unlisted.example/x",
      "unlisted.example:443",
      `http://127.0.0.1:${api}/api/health`,
      "169.254.169.254:80",
    ];
    type Answers = Record<string, { status: number; text: string }>;
    const answers = await runTool<Answers>(client, sessionId, `ask-proxy.mjs '${targets.join("' '")}'`);
    expect(answers["http://unlisted.example/x"]).toEqual({
      status: 403,
      text: expect.stringContaining("unlisted.example is not on this installation's allowlist"),
    });
    for (const target of targets) expect(answers[target]?.status, target).toBe(403);
    const db = await product.database();
    await expect
      .poll(
        () =>
          db.auditLog.findMany({ where: { sessionId, action: "egress.refused" }, orderBy: { at: "asc" } }),
        { timeout: 15_000 },
      )
      .toEqual(
        targets.map((target) =>
          expect.objectContaining({
            result: "refused",
            target: target.startsWith("http")
              ? `${new URL(target).hostname}:${new URL(target).port || 80}`
              : target,
            details: expect.objectContaining({ placeId }),
          }),
        ),
      );
    const { stdout } = await client.execute(
      sessionId,
      "command -v curl >/dev/null || exit 0; curl -sS http://unlisted.example/; curl -sS https://unlisted.example/ 2>&1",
    );
    if (stdout !== "") expect(stdout).toMatch(/unlisted\.example is not on.*403/s);
  });

  it("is known by its own socket, whoever it says it is", async () => {
    const db = await product.database();
    const host = `claimed-${randomUUID()}.example`;
    const claims = {
      "x-place-id": neighbourPlaceId,
      "x-session-id": neighbourId,
      forwarded: `for=${neighbourPlaceId}`,
    };
    await client.call("POST", `/api/sessions/${sessionId}/execute`, {
      command: `node tools/ask-proxy.mjs http://${host}/`,
      env: { HEADERS: JSON.stringify(claims) },
    });
    await expect
      .poll(() => db.auditLog.findMany({ where: { target: `${host}:80` } }), { timeout: 15_000 })
      .toMatchObject([{ sessionId, details: { placeId } }]);
  });
});

describeUnless(unavailable, "agent.sock", () => {
  interface Spoken {
    readonly outcome: string;
    readonly heard: string[];
  }
  const actor = { id: randomUUID(), name: "Mallory" };
  const frame = (type: string, payload: object) =>
    JSON.stringify({ id: 1, type, payload, client: "c", actor });

  it("answers a program in the session nothing, and a question stays open", async () => {
    const answer = frame("chat.answer", { conversationId, requestId, decision: "allow" });
    const attempts = [
      ["plain", frame("terminal.list", {})],
      ["plain", answer],
      ["plain", JSON.stringify({ authenticate: { nonce: "x".repeat(43), signature: "" } }), answer],
      ["plain", '{"welcome":', answer],
      ["forged", answer],
      ["forged", frame("terminal.list", {}), answer],
    ];
    for (const attempt of attempts) {
      const words = attempt.map((word) => `'${word}'`).join(" ");
      const spoken = await inTerminal<Spoken>(`speak-on-agent-socket.mjs ${agentSocket} ${words}`);
      expect(spoken, attempt.join(" ")).toEqual({ outcome: "closed", heard: ["hello"] });
    }
    expect(await stillPending()).toBe(true);
    expect((await client.execute(sessionId, "ls written.txt")).exitCode).not.toBe(0);
  });

  it("hands out no file without a ticket", async () => {
    const get = `curl -sS -o /dev/null -w '%{http_code}' --unix-socket ${agentSocket} http://agent/transfers/${"x".repeat(43)}`;
    const { stdout } = await client.execute(sessionId, `command -v curl >/dev/null && ${get} || echo 404`);
    expect(stdout.trim()).toBe("404");
  });

  it("of a neighbour is out of reach", async () => {
    const theirs = `${runDir}/${neighbourPlaceId}/out/agent.sock`;
    const spoken = await inTerminal<Spoken>(`speak-on-agent-socket.mjs ${theirs} plain`);
    expect(spoken).toEqual({ outcome: "ENOENT", heard: [] });
  });

  it("lets the person at the browser answer, as the only one", async () => {
    await live.command("chat.answer", sessionId, { conversationId, requestId, decision: "allow" });
    await conversation.until("turn-ended");
    expect((await client.execute(sessionId, "cat written.txt")).stdout).toBe("written by the script\n");
  });

  it("of another make is not believed: nothing is told to it, and the session says that its agent is away", async () => {
    await client.execute(sessionId, "nohup setsid node tools/imitate-agent.mjs /tmp/heard >/dev/null 2>&1 &");
    await vi.waitFor(
      async () => expect((await client.execute(sessionId, "cat /tmp/heard")).stdout).toContain("listening"),
      30_000,
    );
    await product.kill("api");
    await product.untilHealthy();
    const words = () => findFile(join(product.dataDir, "places", placeId), "heard");
    await vi.waitFor(async () => expect(await words()).toContain("authenticate"), {
      timeout: 30_000,
      interval: 100,
    });
    await expect(client.execute(sessionId, "echo I am told a secret")).rejects.toMatchObject({
      code: "agent_unreachable",
    });
    const watched = await vi.waitFor(() => live.command("session.watch", sessionId, {}), {
      timeout: 20_000,
      interval: 200,
    });
    expect(watched.agent).toBeNull();
    // The handshake was all it ever heard.
    expect(new Set((await words()).trim().split("\n"))).toEqual(new Set(["listening", "authenticate"]));

    await client.call("POST", `/api/sessions/${sessionId}/stop`);
    await client.untilState(sessionId, "stopped");
    await client.call("POST", `/api/sessions/${sessionId}/resume`);
    await client.untilState(sessionId, "running");
    expect((await client.execute(sessionId, "cat written.txt")).stdout).toBe("written by the script\n");
  });

  it("that is a link to a neighbour's is not followed", async () => {
    const theirs = `${runDir}/${neighbourPlaceId}/out/agent.sock`;
    await client.execute(sessionId, `rm ${agentSocket}; ln -s ${theirs} ${agentSocket}`);
    await product.kill("api");
    await product.untilHealthy();
    await vi.waitFor(
      async () => expect((await client.execute(neighbourId, "echo here")).stdout).toBe("here\n"),
      { timeout: 30_000, interval: 200 },
    );
    await expect(client.execute(sessionId, "echo here")).rejects.toMatchObject({
      code: "agent_unreachable",
    });
  });
});

/** The text of the first file of that name below a folder. */
async function findFile(folder: string, name: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const entry = entries.find((file) => file.isFile() && file.name === name);
  return entry === undefined ? "" : readFile(join(entry.parentPath, entry.name), "utf8");
}
