import { spawn } from "node:child_process";
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AgentConfig,
  apiProof,
  CommandFrame,
  decodeFrame,
  encodeFrame,
  FrameFromAgent,
  HelloFrame,
  terminalCreate,
  terminalOutput,
} from "@remote-claude/protocol";
import { WebSocket } from "ws";

const placeId = "abcdefgh2345";

/**
 * Part of the build: starts the agent in a place of its own, opens a terminal as the api would, and keeps what V8 has
 * compiled by then, which is what every start needs. `load-compiled.cjs` reads it from beside the bundle.
 */
export async function recordCode(entry: string, bundlePath: string): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), "rc-record-"));
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const recorded = join(place, "code");
  try {
    const agent = spawn(process.execPath, [entry, recorded], {
      env: makePlace(place, publicKey),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(agent, "exit");
    agent.stdout.on("data", (chunk) => {
      if (!String(chunk).includes('"listening"')) return;
      openTerminal(join(place, "out/agent.sock"), privateKey).then(
        () => agent.kill("SIGUSR2"),
        () => agent.kill("SIGKILL"),
      );
    });
    const [code] = await ended;
    if (code !== 0) throw new Error(`the agent that was just built does not open a terminal (${code})`);
    copyFileSync(recorded, `${bundlePath}.code.new`);
    renameSync(`${bundlePath}.code.new`, `${bundlePath}.code`);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** Directories and agent.json; answers the environment an agent is started with. */
function makePlace(place: string, apiKey: KeyObject): Record<string, string> {
  for (const name of ["in", "out", "workspace", "home"]) mkdirSync(join(place, name));
  const config: AgentConfig = {
    placeId,
    apiPublicKey: apiKey.export({ format: "der", type: "spki" }).toString("base64"),
    placeSecret: randomBytes(32).toString("base64url"),
    permissionModes: ["default"],
  };
  writeFileSync(join(place, "in/agent.json"), JSON.stringify(config));
  return {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    AGENT_IN: join(place, "in"),
    AGENT_OUT: join(place, "out"),
    AGENT_WORKSPACE: join(place, "workspace"),
    AGENT_HOME: join(place, "home"),
    AGENT_EGRESS_PORT: "0",
  };
}

/** Resolves when the shell has spoken. */
async function openTerminal(path: string, apiKey: KeyObject): Promise<void> {
  const socket = new WebSocket(`ws+unix://${path}:/agent`, { perMessageDeflate: false });
  const hello = HelloFrame.parse(JSON.parse(String((await once(socket, "message"))[0]))).hello;
  const nonce = randomBytes(32).toString("base64url");
  const signature = sign(null, Buffer.from(apiProof(placeId, hello.nonce, nonce)), apiKey).toString(
    "base64url",
  );
  socket.send(encodeFrame({ authenticate: { nonce, signature } }));
  await once(socket, "message");
  const ask = (id: number, type: string, payload: unknown) =>
    socket.send(encodeFrame(CommandFrame.parse({ id, type, payload, client: "build", actor: null })));
  await new Promise<void>((resolve, reject) => {
    socket.on("close", () => reject(new Error("the agent closed the connection")));
    socket.on("message", (data, isBinary) => {
      const frame = FrameFromAgent.parse(decodeFrame(isBinary ? (data as Buffer) : String(data)));
      if ("event" in frame) return frame.event === terminalOutput.type ? resolve() : undefined;
      if (frame.re !== 1) return;
      if (!frame.ok) return reject(new Error(frame.error.message));
      const { terminal } = terminalCreate.reply.parse(frame.payload);
      ask(2, "terminal.attach", { terminalId: terminal.terminalId, after: 0 });
    });
    ask(1, "terminal.create", { cols: 80, rows: 24 });
  });
  socket.terminate();
}
