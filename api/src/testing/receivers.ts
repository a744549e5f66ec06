import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { syslogCertificate, syslogKey } from "./certificates.ts";

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

/** A syslog server: octet-counted messages, over TLS or in the clear. */
export async function startSyslog({ tls }: { tls: boolean }) {
  const messages: string[] = [];
  const open = new Set<Socket>();
  /** How many connections to break off. */
  const state = { breakOff: 0 };
  const onConnection = (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    socket.on("error", () => {});
    let pending = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      for (;;) {
        const space = pending.indexOf(" ");
        if (space < 0) return;
        const length = Number(pending.subarray(0, space).toString());
        if (pending.length < space + 1 + length) return;
        messages.push(pending.subarray(space + 1, space + 1 + length).toString());
        pending = pending.subarray(space + 1 + length);
      }
    });
  };
  const server = tls
    ? createTlsServer({ key: syslogKey, cert: syslogCertificate }, onConnection)
    : createTcpServer(onConnection);
  // Below TLS, of which a socket of its own knows no reset.
  server.prependListener("connection", (socket: Socket) => {
    if (state.breakOff === 0) return;
    state.breakOff -= 1;
    if (tls) socket.resetAndDestroy();
    else socket.once("data", () => socket.resetAndDestroy());
  });
  const port = await listen(server);
  return {
    url: `${tls ? "tls" : "tcp"}://localhost:${port}`,
    messages,
    state,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface Received {
  readonly body: string;
  readonly headers: IncomingMessage["headers"];
  /** The signature is right for this body and time. */
  readonly genuine: boolean;
}

/** An HTTP server that keeps what it was sent. `answer` decides; by default it takes everything. */
export async function startWebhook(secret: string) {
  const taken: Received[] = [];
  const state: { answer: (response: ServerResponse, received: Received) => boolean; asked: number } = {
    answer: () => true,
    asked: 0,
  };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    state.asked += 1;
    const { headers } = request;
    const expected = createHmac("sha256", secret)
      .update(`${headers["x-remote-claude-timestamp"]}.${body}`)
      .digest("hex");
    const received = {
      body,
      headers,
      genuine: headers["x-remote-claude-signature"] === `sha256=${expected}`,
    };
    if (!state.answer(response, received)) return;
    taken.push(received);
    response.writeHead(204).end();
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}/hook`,
    taken,
    state,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
