import { mkdtempSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type DockerOffer, findDockerOffer } from "./docker-offer.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Something that listens where an engine would, and what is found there. */
async function find(answer: RequestListener, environment: Record<string, string> = {}): Promise<DockerOffer> {
  const socket = join(mkdtempSync(join(tmpdir(), "engine-")), "docker.sock");
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return findDockerOffer({
    sessionRuntime: "local",
    environment: { DOCKER_HOST: `unix://${socket}`, ...environment },
  });
}

describe("an engine that could run sessions", () => {
  it("is found when it has the session's image", async () => {
    const asked: (string | undefined)[] = [];
    const offer = await find((request, response) => {
      asked.push(request.url);
      response.end("{}");
    });
    expect(offer).toBe("ready");
    expect(asked).toEqual(["/images/remote-claude/session/json"]);
  });

  it("is asked for the image that is configured", async () => {
    const answer: RequestListener = ({ url }, response) => {
      response.statusCode = url === "/images/ours/session:2/json" ? 200 : 404;
      response.end("{}");
    };
    expect(await find(answer, { SESSION_IMAGE: "ours/session:2" })).toBe("ready");
    expect(await find(answer)).toBe("image-missing");
  });

  it.each<[string, RequestListener]>([
    ["fails", (_, response) => void response.writeHead(500).end()],
    ["hangs up", (request) => void request.socket.destroy()],
    ["does not answer", () => undefined],
  ])("is none when it %s", async (_, answer) => {
    expect(await find(answer)).toBe("none");
  });

  it("is none when nothing is there, when it is elsewhere, and when sessions run in it already", async () => {
    const environment = { DOCKER_HOST: "unix:///nowhere/docker.sock" };
    expect(await findDockerOffer({ sessionRuntime: "local", environment })).toBe("none");
    const remote = { DOCKER_HOST: "tcp://10.0.0.1:2375" };
    expect(await findDockerOffer({ sessionRuntime: "local", environment: remote })).toBe("none");
    expect(await findDockerOffer({ sessionRuntime: "docker", environment: {} })).toBe("none");
  });
});
