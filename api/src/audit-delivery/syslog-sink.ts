import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { DeliveryConfig } from "./environment.ts";
import { NotTaken, patienceMs, type Sink } from "./sink.ts";
import { frame, syslogMessage } from "./syslog-message.ts";

type SyslogConfig = NonNullable<DeliveryConfig["syslog"]>;

/**
 * RFC 5424 messages over TLS (RFC 5425), or over plain TCP. Syslog knows no answer, so each batch has a connection of
 * its own: it is closed after the last message, and taken when the server has closed its end in turn, which it does
 * once it has read everything (docs/adr/0017-syslog-by-connection.md).
 */
export function syslogSink(config: SyslogConfig, hostname: string): Sink {
  const { tls, host, port } = config;
  return {
    name: "syslog",
    target: `${tls ? "tls" : "tcp"}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`,
    async take(rows, signal) {
      const socket = open(config);
      const text = rows.map((row) => frame(syslogMessage(row, hostname))).join("");
      await handOver(socket, text, AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]));
    },
  };
}

function open({ tls, host, port, ca }: SyslogConfig): Socket {
  if (!tls) return connectTcp({ host, port });
  return connectTls({
    host,
    port,
    minVersion: "TLSv1.2",
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== null && { ca }),
  });
}

function handOver(socket: Socket, text: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let ended = false;
    const abort = () => socket.destroy(new NotTaken("it did not take them in time"));
    signal.addEventListener("abort", abort);
    socket.once("error", reject);
    // What it says is of no use; unread, its end would not be seen.
    socket.resume();
    socket.once("end", () => {
      ended = true;
    });
    socket.once("close", () => {
      signal.removeEventListener("abort", abort);
      if (ended && socket.writableFinished) resolve();
      else reject(new NotTaken("it broke the connection off before it had everything"));
    });
    socket.end(text);
    if (signal.aborted) abort();
  });
}
