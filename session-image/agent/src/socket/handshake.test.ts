import { randomBytes } from "node:crypto";
import { lstatSync } from "node:fs";
import { connect } from "node:net";
import { apiProof, HelloFrame } from "@remote-claude/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WebSocket } from "ws";
import { eventually, isRunning } from "../testing/eventually.ts";
import { messagesOf, openSocket, TestApi } from "../testing/test-api.ts";
import { TestPlace } from "../testing/test-place.ts";

const place = new TestPlace();
beforeAll(() => place.start());
afterAll(() => place.remove());

/** Says hello back with what `answer` makes of the nonce; resolves when the agent hangs up. */
async function refusedWith(answer: (nonce: string) => unknown): Promise<void> {
  const socket = openSocket(place);
  const { next } = messagesOf(socket);
  const { hello } = HelloFrame.parse(await next());
  const message = answer(hello.nonce);
  socket.send(
    typeof message === "string" || message instanceof Uint8Array ? message : JSON.stringify(message),
  );
  await expect(next()).rejects.toThrow("closed");
}

function proofBy(placeId: string, nonce: string, signer: TestPlace) {
  const apiNonce = randomBytes(32).toString("base64url");
  return { authenticate: { nonce: apiNonce, signature: signer.sign(apiProof(placeId, nonce, apiNonce)) } };
}

describe("the handshake", () => {
  it("lets the api in and proves the agent to it", async () => {
    const api = await TestApi.connect(place);
    expect(api.info.gitAvailable).toBe(true);
    expect(await api.ask("terminal.list", {})).toEqual({ terminals: [] });
    api.close();
  });

  it("refuses a signature of another key", async () => {
    const other = new TestPlace();
    await refusedWith((nonce) => proofBy(place.placeId, nonce, other));
    await other.remove();
  });

  it("refuses a proof that was made for another place", async () => {
    await refusedWith((nonce) => proofBy("zzzzzzzzzzzz", nonce, place));
  });

  it("refuses a proof that was overheard on another connection", async () => {
    const overheard = proofBy(place.placeId, randomBytes(32).toString("base64url"), place);
    await refusedWith(() => overheard);
  });

  it.each([
    ["a command", { id: 1, type: "terminal.list", payload: {}, client: "c", actor: null }],
    ["no JSON", "nonsense"],
    ["bytes", new Uint8Array([0, 0, 0, 1, 65])],
    ["a signature that is no base64", { authenticate: { nonce: "A".repeat(43), signature: "*" } }],
    ["a null", null],
  ])("refuses %s in its place", async (_, message) => {
    await refusedWith(() => message);
  });

  it("closes to those who send much and prove nothing", async () => {
    const socket = openSocket(place);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => undefined);
    await new Promise((resolve) => socket.once("open", resolve));
    socket.send("x".repeat(1024 * 1024));
    await closed;
  });

  it("goes on serving the api through a flood of strangers", async () => {
    const strangers: WebSocket[] = [];
    for (let count = 0; count < 300; count++) {
      const socket = openSocket(place);
      socket.on("error", () => undefined);
      strangers.push(socket);
    }
    const api = await eventually(() => TestApi.connect(place));
    expect(await api.ask("terminal.list", {})).toEqual({ terminals: [] });
    api.close();
    for (const socket of strangers) socket.terminate();
  });

  it("takes no more than 16 apis", async () => {
    const apis = await Promise.all(Array.from({ length: 16 }, () => TestApi.connect(place)));
    await expect(TestApi.connect(place)).rejects.toThrow("closed");
    for (const api of apis) api.close();
    const again = await eventually(() => TestApi.connect(place));
    again.close();
  });

  it("answers other paths and half a request with a closed connection", async () => {
    const socket = connect(place.socket);
    const answer = new Promise<string>((resolve) => {
      let text = "";
      socket.on("data", (chunk) => {
        text += String(chunk);
      });
      socket.on("close", () => resolve(text));
    });
    socket.write("GET /transfers/none HTTP/1.1\r\nhost: x\r\n\r\n");
    expect(await answer).toMatch(/^HTTP\/1.1 404/);
  });

  it("leaves the socket to its owner and group", () => {
    expect(lstatSync(place.socket).mode & 0o007).toBe(0);
  });
});

describe("the agent as a process", () => {
  it("takes the place of a socket that a killed one left, and ends on SIGTERM with its shells", async () => {
    const own = new TestPlace();
    await own.start();
    await own.kill("SIGKILL");
    await own.start();
    const api = await TestApi.connect(own);
    const { terminal } = await api.ask("terminal.create", { cols: 80, rows: 24 });
    const { stdout } = await api.ask("workspace.execute", { command: "pgrep -P $PPID -x bash | head -1" });
    const shell = Number(stdout);
    expect(shell).toBeGreaterThan(1);
    expect(terminal.exitCode).toBeNull();
    expect(await own.kill("SIGTERM")).toBe(0);
    await eventually(() => expect(isRunning(shell)).toBe(false));
    await own.remove();
  });

  it("does not end when its terminal hangs up", async () => {
    process.kill(place.pid, "SIGHUP");
    const api = await TestApi.connect(place);
    expect(await api.ask("terminal.list", {})).toEqual({ terminals: [] });
    api.close();
  });
});
