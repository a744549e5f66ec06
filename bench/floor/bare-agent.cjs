/** Node with node-pty loaded and one shell seen through it: the least an agent can weigh. */
const { spawn } = require("@lydell/node-pty");

const pty = spawn("/bin/sh", ["-c", "exit 0"], {});
pty.onExit(() => process.stdout.write("{}\n"));
setInterval(() => undefined, 60_000);
