import type { KeyObject } from "node:crypto";
import { lstat } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { AppError, maxFrameBytes, PlaceId } from "@remote-claude/protocol";
import { WebSocket } from "ws";
import type { AgentConnector } from "./connector.ts";
import { shakeHands } from "./handshake.ts";
import { Inbox } from "./inbox.ts";

export interface UnixConnectorOptions {
  /** Holds `<place>/out/agent.sock`. */
  readonly runDir: string;
  /** Ed25519 private key: the api's identity. */
  readonly signingKey: KeyObject;
  /** From which each place's secret is derived. */
  readonly placeSecretKey: Buffer;
}

/**
 * Reaches agents on this machine. `out/` is writable from inside the session, so what lies there is hostile: only
 * a real socket is opened (a link could lead to a neighbour's), and the handshake must prove it is this place's.
 */
export function unixConnector(options: UnixConnectorOptions): AgentConnector {
  async function socketPath(placeId: string): Promise<string> {
    const out = join(options.runDir, PlaceId.parse(placeId), "out");
    const path = join(out, "agent.sock");
    const [directory, socket] = await Promise.all([
      lstat(out).catch(() => null),
      lstat(path).catch(() => null),
    ]);
    if (!directory?.isDirectory() || !socket?.isSocket()) {
      throw new AppError("agent_unreachable", "The session's agent is not there.");
    }
    return path;
  }

  return {
    async connect(placeId) {
      const path = await socketPath(placeId);
      // Not by a `ws+unix:` address: in one, a space or an umlaut of the path would be percent-encoded.
      const socket = new WebSocket("ws://agent/agent", {
        createConnection: () => connect({ path }),
        perMessageDeflate: false,
        maxPayload: maxFrameBytes,
        handshakeTimeout: 5000,
      });
      const inbox = new Inbox(socket);
      try {
        await new Promise<void>((resolve, reject) => {
          socket.once("open", resolve);
          socket.once("error", (cause) =>
            reject(new AppError("agent_unreachable", "The session's agent does not answer.", { cause })),
          );
        });
        return { socket, inbox, agent: await shakeHands(socket, inbox, placeId, options) };
      } catch (error) {
        socket.on("error", () => {});
        socket.terminate();
        if (error instanceof AppError) throw error;
        throw new AppError("agent_unreachable", "The session's agent does not speak the protocol.", {
          cause: error,
        });
      }
    },

    async http(placeId) {
      return { socketPath: await socketPath(placeId) };
    },
  };
}
