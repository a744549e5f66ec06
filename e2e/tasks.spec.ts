import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Artifact, JournalEntry, type Task, type TaskState } from "@remote-claude/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ScriptedModel } from "./scripted-model/index.ts";
import { Client } from "./testing/client.ts";
import { describeUnless, lacking } from "./testing/machine.ts";
import { Product, root } from "./testing/product.ts";

const run = promisify(execFile);
const model = new ScriptedModel();
const metricsToken = "metrics-token-of-the-tests";
let product: Product;
let client: Client;
let sessionId: string;

beforeAll(async () => {
  await model.listen();
  product = await Product.start({
    modelUrl: model.url,
    // Places are counted, and those that stand ready would be among them.
    environment: { METRICS_TOKEN: metricsToken, WARM_PLACES: "0" },
  });
  client = await Client.signIn(product);
  sessionId = (await client.createSession({ name: "Tasks" })).id;
  await client.execute(sessionId, "printf 'one\\ntwo\\nthree\\n' > list.txt");
});

afterAll(async () => {
  await product?.stop();
  await model.close();
});

const tasksPath = () => `/api/sessions/${sessionId}/claude/task`;

async function give(prompt: string, permissionMode = "acceptEdits"): Promise<Task> {
  const { task } = await client.call<{ task: Task }>("POST", tasksPath(), { prompt, permissionMode });
  expect(task).toMatchObject({ state: "queued", prompt, artifacts: [], attempts: 0 });
  return task;
}

const get = async ({ id }: Task) => (await client.call<{ task: Task }>("GET", `${tasksPath()}s/${id}`)).task;

async function until(task: Task, state: TaskState): Promise<Task> {
  // The api may be starting again meanwhile.
  await expect
    .poll(
      () =>
        get(task).then(
          ({ state: now }) => now,
          () => null,
        ),
      { timeout: 120_000 },
    )
    .toBe(state);
  return get(task);
}

/** An artifact's bytes, which are what its row says. */
async function download({ id, sha256, sizeBytes }: Artifact): Promise<Buffer> {
  const response = await client.fetch(`/api/sessions/${sessionId}/artifacts/${id}`);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-disposition")).toMatch(/^attachment/);
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
  expect(bytes.length).toBe(sizeBytes);
  return bytes;
}

/** A script that edits list.txt, with a gate before its end. */
function defineEdit(name: string, from: string, to: string): void {
  const path = "{{workspace}}/list.txt";
  model.director.define(name, {
    steps: [
      { content: [{ type: "tool_use", name: "Read", input: { file_path: path } }] },
      {
        content: [
          { type: "tool_use", name: "Edit", input: { file_path: path, old_string: from, new_string: to } },
        ],
      },
      { content: [{ type: "text", chunks: ["I changed ", `{{gate:${name}}}`, "the list."] }] },
    ],
  });
}

const audited = async (task: Task, action: string) =>
  (await product.database()).auditLog.count({ where: { action, target: task.id } });

describeUnless(lacking("git"), "a background task", () => {
  it("with an edit succeeds with no one watching, and leaves its transcript and a patch that applies", async () => {
    defineEdit("edit", "two", "2");
    model.gates.open("edit");
    const task = await until(await give("[[script:edit]] Make it a number"), "succeeded");
    expect(task).toMatchObject({ result: "I changed the list.", attempts: 1 });
    expect(task.costUsd).toBeGreaterThan(0);
    expect(Date.parse(task.endedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(task.startedAt ?? "x"));
    expect(task.artifacts.map(({ kind }) => kind).sort()).toEqual(["patch", "transcript"]);

    const folder = await mkdtemp(join(tmpdir(), "rc-patch-"));
    const patch = task.artifacts.find(({ kind }) => kind === "patch");
    await writeFile(join(folder, "list.txt"), "one\ntwo\nthree\n");
    await writeFile(join(folder, "task.patch"), patch === undefined ? "" : await download(patch));
    await run("git", ["init", "--quiet"], { cwd: folder });
    await run("git", ["apply", "task.patch"], { cwd: folder });
    expect(await readFile(join(folder, "list.txt"), "utf8")).toBe("one\n2\nthree\n");
    await rm(folder, { recursive: true });

    const transcript = task.artifacts.find(({ kind }) => kind === "transcript");
    const text = transcript === undefined ? "" : (await download(transcript)).toString();
    const kinds = text
      .trim()
      .split("\n")
      .map((line) => JournalEntry.parse(JSON.parse(line)).event.kind);
    expect(kinds[0]).toBe("user-message");
    expect(kinds.at(-1)).toBe("turn-ended");
    expect((await client.execute(sessionId, "cat list.txt")).stdout).toBe("one\n2\nthree\n");
    for (const action of ["task.created", "task.ended"]) expect(await audited(task, action)).toBe(1);
  });

  it("waits while Claude asks for a permission, and goes on with the answer", async () => {
    const task = await give("[[script:write-file]]", "default");
    const { conversationId } = await until(task, "waiting");
    const live = client.live();
    const { entries } = await live.command("chat.subscribe", sessionId, {
      conversationId: conversationId ?? "",
      after: 0,
    });
    const asked = entries.find(({ event }) => event.kind === "permission-asked")?.event;
    const requestId = asked?.kind === "permission-asked" ? asked.requestId : "";
    await live.command("chat.answer", sessionId, {
      conversationId: conversationId ?? "",
      requestId,
      decision: "allow",
    });
    live.close();
    await until(task, "succeeded");
    expect((await client.execute(sessionId, "cat written.txt")).stdout).toBe("written by the script\n");
  });

  it("that is cancelled stops, and stays cancelled", async () => {
    const task = await give("[[script:gated]]");
    await expect.poll(() => model.gates.waiting("gate"), { timeout: 60_000 }).toBe(1);
    const cancel = () => client.call<{ task: Task }>("POST", `${tasksPath()}s/${task.id}/cancel`);
    expect((await cancel()).task.state).toBe("cancelled");
    // Claude let go of the model.
    await expect.poll(() => model.gates.waiting("gate"), { timeout: 30_000 }).toBe(0);
    await expect(cancel()).rejects.toMatchObject({ code: "conflict" });
    expect((await get(task)).endedAt).not.toBeNull();
    expect(await audited(task, "task.cancelled")).toBe(1);
    await until(await give("[[script:hello]]"), "succeeded");
  });

  it("that is killed with the api in the middle is done once, by the next one", async () => {
    defineEdit("survives", "three", "3");
    const task = await give("[[script:survives]]");
    await expect.poll(() => model.gates.waiting("survives"), { timeout: 60_000 }).toBe(1);
    await product.kill("api");
    await product.untilHealthy();
    model.gates.open("survives");
    const ended = await until(task, "succeeded");
    expect(ended.result).toBe("I changed the list.");
    expect(ended.artifacts.map(({ kind }) => kind).sort()).toEqual(["patch", "transcript"]);
    expect((await client.execute(sessionId, "cat list.txt")).stdout).toBe("one\n2\n3\n");
    const prompts = model.messageRequests.filter(({ body }) =>
      JSON.stringify(body).includes("[[script:survives]]"),
    );
    // Read, edit, last words: nothing was asked of the model twice.
    expect(prompts).toHaveLength(3);
    expect(await audited(task, "task.ended")).toBe(1);
  });

  it("that fails says why", async () => {
    const task = await until(await give("[[script:unauthorized]]"), "failed");
    expect(task.result).toMatch(/rejected this installation's key/);
  });

  it("starts a session that is stopped", async () => {
    await client.call("POST", `/api/sessions/${sessionId}/stop`);
    await client.untilState(sessionId, "stopped");
    const task = await until(await give("[[script:hello]]"), "succeeded");
    expect(task.result).toMatch(/^Hello!/);
    await client.untilState(sessionId, "running");
    const { tasks } = await client.call<{ tasks: Task[] }>("GET", `${tasksPath()}s`);
    expect(tasks[0]?.id).toBe(task.id);
    expect(tasks).toHaveLength(7);
  });
});

describeUnless(null, "whoever looks after it", () => {
  interface Dashboard {
    readonly panels: readonly {
      readonly title: string;
      readonly targets?: readonly { readonly expr: string; readonly legendFormat?: string }[];
    }[];
  }
  const readDashboard = async () => {
    const file = await readFile(join(root, "deploy/grafana/remote-claude.json"), "utf8");
    return (JSON.parse(file) as Dashboard).panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr, legendFormat = "" }) => ({ title, expr, legendFormat })),
    );
  };
  /** Every label that any sample of a metric has. */
  const labelsOf = (text: string, metric: string) => {
    const samples = [...text.matchAll(new RegExp(`^${metric}(?:\\{(.*)\\})? `, "gm"))];
    const labels = samples.flatMap(([, inside = ""]) => [...inside.matchAll(/(\w+)="/g)]);
    return { known: samples.length > 0, names: new Set(labels.map(([, name = ""]) => name)) };
  };
  /** Labels that the dashboard groups by, chooses by or shows, and that what it counts does not have or keep. */
  const findMissingLabels = async (text: string) => {
    // Of Prometheus' own making.
    const added = ["instance", "job"];
    const faults: string[] = [];
    let looked = 0;
    for (const { title, expr, legendFormat } of await readDashboard()) {
      const metrics = expr.match(/remote_claude_\w+/g) ?? [];
      const found = metrics.map((metric) => labelsOf(text, metric));
      if (found.some(({ known }) => !known)) continue;
      looked += 1;
      const there = new Set([...added, ...found.flatMap(({ names }) => [...names])]);
      const grouped = [...expr.matchAll(/ by \(([^)]*)\)/g)].flatMap(([, list = ""]) =>
        list.split(/\s*,\s*/),
      );
      const chosen = [...expr.matchAll(/[{,]\s*(\w+)\s*[!=]=?~?"/g)].map(([, name = ""]) => name);
      const shown = [...legendFormat.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, name = ""]) => name);
      for (const label of [...grouped, ...chosen, ...shown])
        if (!there.has(label)) faults.push(`${title}: ${label}`);
      // What a legend shows must be left by the sum.
      for (const label of shown)
        if (!grouped.includes(label)) faults.push(`${title}: ${label} is summed away`);
    }
    return { looked, faults };
  };

  it("finds everything that the dashboard asks for, and what a turn came to", async () => {
    const message = { message: "Say something" };
    await client.call("POST", `/api/sessions/${sessionId}/claude/chat`, message);
    const headers = { authorization: `Bearer ${metricsToken}` };
    const read = async () => (await fetch(`${product.url}/metrics`, { headers })).text();
    const text = await read();
    const printed = new Set(
      [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name, type]) =>
        type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
      ),
    );
    const queries = await readDashboard();
    const asked = new Set(queries.flatMap(({ expr }) => expr.match(/remote_claude_\w+/g) ?? []));
    expect(asked.size).toBeGreaterThan(25);
    expect([...asked].filter((name) => !printed.has(name))).toEqual([]);
    for (const sample of [
      'up{service="session-manager"} 1',
      'up{service="egress"} 1',
      'places{state="running"} 1',
      'turns_total{result="completed"} [1-9]',
      'model_tokens_total{model="[^"]+",kind="output"} [1-9]',
      "first_token_seconds_count [1-9]",
      'agent_round_trip_seconds_count{area="chat"} [1-9]',
      'egress_model_requests_total{result="200"} [1-9]',
    ]) {
      // What was just metered is written within a second.
      await expect.poll(read).toMatch(new RegExp(`^remote_claude_${sample.replace(/[{}]/g, "\\$&")}`, "m"));
    }
    const { looked, faults } = await findMissingLabels(await read());
    expect(faults).toEqual([]);
    // The others count what has not happened here.
    expect(looked).toBeGreaterThan(25);
  });

  it("follows one request by its id through the logs of every service that had to do with it", async () => {
    const requestId = "e2e-follow-this-request";
    const response = await client.fetch("/api/sessions", {
      method: "POST",
      headers: { "content-type": "application/json", "x-request-id": requestId },
      body: JSON.stringify({ name: "Followed" }),
    });
    expect(response.headers.get("x-request-id")).toBe(requestId);
    const { session } = (await response.json()) as { session: { id: string } };
    await client.untilState(session.id, "running");
    const linesOf = async (service: string) =>
      (await product.log(service)).filter((line) => line.requestId === requestId);
    await expect
      .poll(() => linesOf("session-manager"))
      .toEqual([expect.objectContaining({ service: "session-manager", method: "PUT", status: 200 })]);
    expect(await linesOf("api")).toContainEqual(
      expect.objectContaining({ service: "api", req: { method: "POST", path: "/api/sessions" } }),
    );
    await client.call("DELETE", `/api/sessions/${session.id}`);
  });
});
