import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { answerOnSocket, answerText } from "./answers.ts";
import type { Door, EgressAudit, EgressDecision, Speaker } from "./audit.ts";
import { forward, framing } from "./forward.ts";
import { endToEnd } from "./headers.ts";
import { type HostPolicy, type Judge, plainPorts, tlsPorts } from "./policy.ts";
import { describe, type Upstream, UpstreamError } from "./upstream.ts";

/** One session's right to the outside. */
export interface Outlet {
  readonly speaker: Speaker;
  readonly policy: HostPolicy;
  readonly upstream: Upstream;
}

export interface ProxyOptions {
  readonly judge: Judge;
  readonly audit: EgressAudit;
  readonly idleTimeoutMs?: number;
  /** Tunnels may rest longer: what is in them keeps itself alive. */
  readonly tunnelIdleTimeoutMs?: number;
}

export interface ProxyGateway {
  /** CONNECT: a tunnel to a host of the allowlist. */
  connect(outlet: Outlet, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  /** A request in absolute form, http or https. */
  request(outlet: Outlet, request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export function createProxy(options: ProxyOptions): ProxyGateway {
  const { judge, audit, idleTimeoutMs = 300_000, tunnelIdleTimeoutMs = 3_600_000 } = options;
  return {
    async connect({ speaker, policy, upstream }, request, socket, head) {
      socket.on("error", () => socket.destroy());
      const asked = parseAuthority(request.url ?? "");
      if (asked === null) return answerOnSocket(socket, 400, "CONNECT needs host:port.");
      const verdict = await judge.judge(policy, asked.host, asked.port, tlsPorts);
      const decision: EgressDecision = { speaker, door: "connect", ...asked };
      if (!verdict.allowed) {
        audit.refused(decision, verdict.reason);
        return answerOnSocket(socket, 403, verdict.message);
      }
      const allowed = { ...decision, host: verdict.host };
      audit.allowed(allowed);
      let remote: Duplex;
      try {
        remote = await upstream.connect(verdict);
      } catch (error) {
        audit.ended(allowed, { sent: 0, received: 0 });
        return answerOnSocket(socket, 502, `${verdict.host}:${verdict.port}: ${describe(error)}.`);
      }
      if (socket.destroyed) {
        remote.destroy();
        return audit.ended(allowed, { sent: 0, received: 0 });
      }
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      const bytes = await tunnel(socket, remote, head, tunnelIdleTimeoutMs);
      audit.ended(allowed, bytes);
    },

    async request({ speaker, policy, upstream }, request, response) {
      const url = parseAbsolute(request.url ?? "");
      if (url === null) {
        request.resume();
        return answerText(response, 400, "This address is not one that can be requested.");
      }
      const { secure, host, port, path } = url;
      const door: Door = secure ? "https" : "http";
      const verdict = await judge.judge(policy, host, port, secure ? tlsPorts : plainPorts);
      if (!verdict.allowed) {
        request.resume();
        audit.refused({ speaker, door, host, port }, verdict.reason);
        return answerText(response, 403, verdict.message);
      }
      const decision: EgressDecision = { speaker, door, host: verdict.host, port };
      audit.allowed(decision);
      const result = await forward({
        request,
        response,
        idleTimeoutMs,
        open: () =>
          upstream.request(verdict, {
            secure,
            method: request.method ?? "GET",
            path,
            // The target of the request line counts, whatever the Host header says.
            headers: [
              "host",
              url.authority,
              ...endToEnd(request.rawHeaders, (name) => name === "host"),
              ...framing(request),
            ],
          }),
        onAnswer: (answer) => ({ headers: endToEnd(answer.rawHeaders) }),
      });
      audit.ended(decision, { sent: result.bytesSent, received: result.bytesReceived });
      if (result.outcome === "failed") {
        answerText(response, 502, `${verdict.host}:${port}: ${describe(result.error)}.`);
      }
    },
  };
}

/** `host:port` as CONNECT has it; null for anything else. */
export function parseAuthority(authority: string): { host: string; port: number } | null {
  const match = /^(\[[0-9A-Fa-f:.]+\]|[^[\]:/@?#\s\\]+):(\d{1,5})$/.exec(authority);
  const port = Number(match?.[2]);
  return match?.[1] === undefined || port < 1 || port > 65535 ? null : { host: match[1], port };
}

interface AbsoluteTarget {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** For the Host header: with the port only where it is not the scheme's own. */
  readonly authority: string;
  readonly path: string;
}

/** An http or https URL; a password in it is dropped. */
export function parseAbsolute(text: string): AbsoluteTarget | null {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:") || url.hostname === "")
    return null;
  const secure = url.protocol === "https:";
  const port = Number(url.port || (secure ? 443 : 80));
  return { secure, host: url.hostname, port, authority: url.host, path: `${url.pathname}${url.search}` };
}

/**
 * Copies both ways until both ends are done; one end may close its half first, and what the other has not yet taken
 * of it is still handed on. An end that breaks, or is cut, takes the other with it at once.
 */
function tunnel(
  socket: Duplex,
  remote: Duplex,
  head: Buffer,
  idleTimeoutMs: number,
): Promise<{ sent: number; received: number }> {
  return new Promise((resolve) => {
    let sent = head.length;
    let received = 0;
    const timer = setTimeout(() => {
      socket.destroy();
      remote.destroy(new UpstreamError("nothing moved"));
    }, idleTimeoutMs);
    const onClose = (side: Duplex, other: Duplex) => {
      const whole = side.readableEnded && side.errored === null;
      if (whole && !other.writableFinished) other.once("finish", () => other.destroy());
      else other.destroy();
      if (!other.closed) return;
      clearTimeout(timer);
      resolve({ sent, received });
    };
    remote.on("error", () => undefined);
    socket.once("close", () => onClose(socket, remote));
    remote.once("close", () => onClose(remote, socket));
    if (head.length > 0) remote.write(head);
    socket.pipe(remote);
    remote.pipe(socket);
    socket.on("data", (chunk: Buffer) => {
      sent += chunk.length;
      timer.refresh();
    });
    remote.on("data", (chunk: Buffer) => {
      received += chunk.length;
      timer.refresh();
    });
  });
}
