/** The bare page: one file in Monaco, one terminal in xterm.js, and nothing else. */
import { Terminal } from "@xterm/xterm";
import * as monaco from "monaco-editor";
import { io } from "socket.io-client";
import "@xterm/xterm/css/xterm.css";

window.MonacoEnvironment = {
  getWorker: (_, label) =>
    new Worker(label === "typescript" ? "/ts.worker.js" : "/editor.worker.js", { type: "module" }),
};

const terminal = new Terminal({ cols: 100, rows: 10 });
terminal.open(document.getElementById("terminal"));
const asked = new URLSearchParams(location.search);
const number = Number(asked.get("number"));
const socket = io(asked.get("terminal"), { transports: ["websocket"] });
socket.on("output", (of, data) => of === number && terminal.write(new Uint8Array(data)));
socket.on("connect", () => socket.emit("input", number, ""));
terminal.onData((data) => socket.emit("input", number, data));

const file = await fetch("/file.ts");
monaco.editor.create(document.getElementById("editor"), { value: await file.text(), language: "typescript" });
