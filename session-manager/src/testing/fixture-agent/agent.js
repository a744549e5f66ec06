/**
 * Runs where the agent would, for tests: listens on agent.sock, runs each connection's lines in a shell and answers
 * `{ code, output }`. `$AGENT_HOME/behaviour`, or one in `$AGENT_IN`, makes it a bad one.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

const { AGENT_HOME, AGENT_IN, AGENT_OUT } = process.env;
const behaviourFile = [`${AGENT_HOME}/behaviour`, `${AGENT_IN}/behaviour`].find((file) => existsSync(file));
const behaviour = behaviourFile === undefined ? "" : readFileSync(behaviourFile, "utf8").trim();

function runInShell(line, answer) {
  if (line.startsWith("exit ")) process.exit(Number(line.slice(5)));
  const child = spawn("/bin/bash", ["-c", line], {
    cwd: process.env.AGENT_WORKSPACE,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (data) => (output += data));
  child.stderr.on("data", (data) => (output += data));
  child.on("exit", (code, signal) => setImmediate(() => answer({ code: code ?? signal, output })));
}

if (behaviour === "failing") {
  console.error("I cannot work like this");
  process.exit(7);
}
if (behaviour === "stubborn") process.on("SIGTERM", () => {});
if (behaviour === "never-ready") setInterval(() => {}, 1000);
else {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    createInterface({ input: socket }).on("line", (line) => {
      runInShell(line, (result) => socket.write(`${JSON.stringify(result)}\n`));
    });
  });
  setTimeout(() => server.listen(`${AGENT_OUT}/agent.sock`), behaviour === "slow" ? 500 : 0);
}
