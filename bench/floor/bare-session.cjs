/** The least that a session can be: node-pty and a shell; says when the shell first spoke. */
const { spawn } = require("@lydell/node-pty");

const pty = spawn("/bin/bash", [], { cols: 120, rows: 30, cwd: process.env.AGENT_WORKSPACE ?? "/" });
pty.onData(() => process.stdout.write("prompt\n"));
setInterval(() => undefined, 60_000);
