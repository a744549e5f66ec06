import { createInterface } from "node:readline";

/** A small MCP server over stdio: one tool that says its text back. */
const answer = (id, result) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result })}\n`);
const tool = {
  name: "say",
  description: "Says it back",
  inputSchema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
};
const methods = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: "echo", version: "1.2.3" },
  }),
  "tools/list": () => ({ tools: [tool] }),
  "tools/call": ({ arguments: { text } }) => ({ content: [{ type: "text", text: `echo: ${text}` }] }),
  ping: () => ({}),
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id !== undefined && method in methods) answer(id, methods[method](params ?? {}));
});
