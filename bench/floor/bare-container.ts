import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const engine = "/var/run/docker.sock";
/** Answers the first connection with a byte, as soon as Node runs. */
const program = `require("net").createServer((s) => s.end("x")).listen("/out/sock")`;

function ask(method: string, path: string, body?: object): Promise<{ Id?: string }> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    const asked = request({ socketPath: engine, method, path, headers }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => {
        if (Number(response.statusCode) >= 300) reject(new Error(`${method} ${path}: ${text}`));
        else resolve(text === "" ? {} : JSON.parse(text));
      });
    });
    asked.once("error", reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function untilByte(path: string): Promise<void> {
  for (;;) {
    const got = await new Promise<boolean>((resolve) => {
      const socket = connect(path);
      socket.once("data", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    if (got) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Whether there is an engine, and this image in it. */
export function hasImage(image: string): Promise<boolean> {
  return ask("GET", `/images/${encodeURIComponent(image)}/json`).then(
    () => true,
    () => false,
  );
}

/** Creates and starts a container without a network, until a Node server in it has said its first byte. In ms. */
export async function startBareContainer(image: string): Promise<number> {
  const out = mkdtempSync(join(tmpdir(), "bc-"));
  const startedAt = performance.now();
  const { Id } = await ask("POST", "/containers/create", {
    Image: image,
    User: "0:0",
    Cmd: ["node", "-e", program],
    HostConfig: { NetworkMode: "none", Binds: [`${out}:/out`] },
  });
  await ask("POST", `/containers/${Id}/start`);
  await untilByte(join(out, "sock"));
  const took = performance.now() - startedAt;
  await ask("DELETE", `/containers/${Id}?force=true`);
  rmSync(out, { recursive: true, force: true });
  return took;
}
