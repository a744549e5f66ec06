/** An MCP server for tests: tools with a schema, one that fails, a picture, and a resource; JSON-RPC in lines. */
import { createInterface } from "node:readline";

const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkqGcAAAGEAIGkN5zvAAAAAElFTkSuQmCC";

const tools = {
  find_issues: {
    description: "Finds issues by words and state.",
    inputSchema: {
      type: "object",
      properties: {
        query: { type: "string", description: "Words to look for" },
        state: { type: "string", enum: ["open", "closed"], description: "Only issues in this state" },
        limit: { type: "integer", description: "At most this many" },
      },
      required: ["query"],
    },
    call: ({ query }) => ({
      content: [{ type: "text", text: JSON.stringify([{ number: 7, title: `About ${query}`, open: true }]) }],
      structuredContent: { issues: [{ number: 7, title: `About ${query}`, open: true }] },
    }),
  },
  draw: {
    description: "Draws a dot.",
    inputSchema: { type: "object", properties: {} },
    call: () => ({
      content: [
        { type: "text", text: "A dot:" },
        { type: "image", data: dot, mimeType: "image/png" },
      ],
    }),
  },
  fail: {
    description: "Always fails.",
    inputSchema: { type: "object", properties: {} },
    call: () => ({ content: [{ type: "text", text: "the server has no such thing" }], isError: true }),
  },
};

const resource = { uri: "gallery://notes", name: "Notes", mimeType: "text/plain" };

const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {}, resources: {} },
    serverInfo: { name: "gallery", version: "1.0.0" },
  }),
  "tools/list": () => ({
    tools: Object.entries(tools).map(([name, { call: _, ...tool }]) => ({ name, ...tool })),
  }),
  "tools/call": ({ name, arguments: given }) => tools[name].call(given ?? {}),
  "resources/list": () => ({ resources: [resource] }),
  "resources/templates/list": () => ({ resourceTemplates: [] }),
  "resources/read": () => ({ contents: [{ ...resource, text: "A note of the gallery." }] }),
  ping: () => ({}),
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const answer = answers[method];
  const body =
    answer === undefined
      ? { error: { code: -32601, message: `no method ${method}` } }
      : { result: answer(params ?? {}) };
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, ...body })}\n`);
});
