import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Handover, type Upgrade } from "./handover.ts";

const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Echoes what comes on the connections it is handed, and says on stdout when one has ended. */
const taker = `
  import { createServer } from "node:http";
  import { takeHandedOver } from "${new URL("handover.ts", import.meta.url)}";
  const server = createServer();
  server.on("upgrade", (request, socket, head) => {
    socket.write(JSON.stringify({ url: request.url, method: request.method, ...request.headers }) + "\\n");
    socket.write(head);
    socket.pipe(socket);
    socket.on("close", () => console.log("closed"));
  });
  takeHandedOver(server);
  console.log("ready");`;

async function startTaker(): Promise<{ child: ChildProcess; says(line: string): Promise<void> }> {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", taker], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  closers.push(() => child.kill("SIGKILL"));
  const lines: string[] = [];
  createInterface({ input: child.stdout as Readable }).on("line", (line) => lines.push(line));
  const says = (line: string) => vi.waitFor(() => expect(lines).toContain(line), 15_000);
  await says("ready");
  return { child, says };
}

/** A server that does with each upgrade what the test says. */
async function startGiver(onUpgrade: (upgrade: Upgrade) => void): Promise<() => Socket> {
  const server = createServer();
  server.on("upgrade", (request, socket, head) => onUpgrade({ request, socket: socket as Socket, head }));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => server.close());
  return () => {
    const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
    client.on("error", () => undefined);
    closers.push(() => client.destroy());
    return client;
  };
}

const request = "GET /live?x=1 HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";

function received(socket: Socket): { text: string } {
  const all = { text: "" };
  socket.on("data", (chunk) => {
    all.text += chunk;
  });
  return all;
}

describe("a connection that is handed over", () => {
  it("is served by the other process alone, from the first byte behind the request", async () => {
    const { child, says } = await startTaker();
    const handover = new Handover(child);
    const given: Socket[] = [];
    const dial = await startGiver((upgrade) => {
      given.push(upgrade.socket);
      expect(handover.give(upgrade, () => expect.fail("refused"))).toBe(true);
    });
    const client = dial();
    const answer = received(client);
    client.write(`${request}early `);
    await vi.waitFor(() => expect(answer.text).toContain("early "));
    expect(JSON.parse(answer.text.split("\n")[0] ?? "")).toMatchObject({
      url: "/live?x=1",
      method: "GET",
      host: "x",
    });
    await vi.waitFor(() => expect(given[0]?.destroyed).toBe(true));
    client.write("later");
    await vi.waitFor(() => expect(answer.text).toMatch(/\nearly later$/));
    client.end();
    await says("closed");
  });

  it("loses nothing of what comes while it is on its way", async () => {
    const { child } = await startTaker();
    const handover = new Handover(child);
    const given = Promise.withResolvers<void>();
    const dial = await startGiver((upgrade) => {
      handover.give(upgrade, () => expect.fail("refused"));
      given.resolve();
    });
    child.kill("SIGSTOP");
    const client = dial();
    const answer = received(client);
    client.write(request);
    await given.promise;
    const sent = Array.from({ length: 5000 }, (_, index) => `${index} `).join("");
    await new Promise<void>((resolve) => client.write(sent, () => resolve()));
    // Another connection's request comes after those bytes: this process has had its chance to read them.
    dial().write(request);
    await vi.waitFor(() => expect(handover.waiting).toBe(2));
    child.kill("SIGCONT");
    await vi.waitFor(() => expect(answer.text.slice(answer.text.indexOf("\n") + 1)).toBe(sent), 15_000);
  });

  it("is refused when the other process ends before it has taken it, and stays the giver's after that", async () => {
    const { child } = await startTaker();
    const handover = new Handover(child);
    const refuse = vi.fn((socket: Socket) => void socket.end("refused"));
    const given: boolean[] = [];
    const dial = await startGiver((upgrade) => {
      given.push(handover.give(upgrade, () => refuse(upgrade.socket)));
      if (given.at(-1) === false) upgrade.socket.end("not now");
    });
    child.kill("SIGSTOP");
    const clients = [dial(), dial()];
    const answers = clients.map(received);
    for (const client of clients) client.write(request);
    await vi.waitFor(() => expect(given).toEqual([true, true]));
    child.kill("SIGKILL");
    await vi.waitFor(() => expect(answers.map(({ text }) => text)).toEqual(["refused", "refused"]), 15_000);
    expect(refuse).toHaveBeenCalledTimes(2);
    const late = dial();
    const lateAnswer = received(late);
    late.write(request);
    await vi.waitFor(() => expect(lateAnswer.text).toBe("not now"));
  });

  it("is one of a limited number that wait for a process that does not listen", async () => {
    const { child } = await startTaker();
    const handover = new Handover(child, 3);
    const given: boolean[] = [];
    const dial = await startGiver((upgrade) => {
      given.push(handover.give(upgrade, () => undefined));
      if (given.at(-1) === false) upgrade.socket.destroy();
    });
    child.kill("SIGSTOP");
    for (let count = 1; count <= 4; count += 1) {
      dial().write(request);
      await vi.waitFor(() => expect(given).toHaveLength(count));
    }
    expect(given).toEqual([true, true, true, false]);
    child.kill("SIGCONT");
    await vi.waitFor(() => expect(handover.waiting).toBe(0), 15_000);
  });

  it("is nothing that another message can pass for", async () => {
    const { child } = await startTaker();
    const handover = new Handover(child);
    child.send({ type: "upgrade", id: "1", url: 7 });
    child.send("hello");
    const dial = await startGiver((upgrade) => void handover.give(upgrade, () => undefined));
    const client = dial();
    const answer = received(client);
    client.write(request);
    await vi.waitFor(() => expect(answer.text).toContain("/live"));
  });
});
