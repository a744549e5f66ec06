import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askEgress } from "./egress-word.ts";

const refused = "example.org:443 is not on the list of hosts that this session may reach.";
let egress: Server;
let proxy: string;

beforeAll(async () => {
  egress = createServer((request, response) => {
    const { host } = request.headers;
    if (host === "refused.test") {
      response.writeHead(403, { "content-type": "text/plain; charset=utf-8" }).end(`${refused}\n`);
    } else if (host === "server.test") {
      response.writeHead(403, { "content-type": "application/json" }).end("{}");
    } else response.writeHead(200).end();
  });
  egress.on("connect", (request, socket) => {
    const body = request.url === "refused.test:443" ? `${refused}\n` : "";
    socket.end(`HTTP/1.1 ${body === "" ? "200 Connection established" : "403 Forbidden"}\r\n\r\n${body}`);
  });
  egress.listen(0, "127.0.0.1");
  await once(egress, "listening");
  proxy = `http://127.0.0.1:${(egress.address() as AddressInfo).port}`;
});
afterAll(() => egress.close());

describe("egress' word on a host", () => {
  it("is its sentence where it refuses, by tunnel and by plain http", async () => {
    expect(await askEgress(new URL("https://refused.test/mcp"), proxy)).toBe(refused);
    expect(await askEgress(new URL("http://refused.test/mcp"), proxy)).toBe(refused);
  });

  it("is none where it lets through, whatever the server itself then says, nor where it is not there", async () => {
    expect(await askEgress(new URL("https://allowed.test/mcp"), proxy)).toBeNull();
    expect(await askEgress(new URL("http://allowed.test/mcp"), proxy)).toBeNull();
    expect(await askEgress(new URL("http://server.test/mcp"), proxy)).toBeNull();
    expect(await askEgress(new URL("https://refused.test/"), "http://127.0.0.1:1")).toBeNull();
  });
});
