import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { defaultTemplate } from "@remote-claude/protocol";
import type { Config } from "./config.ts";

/** What this machine's Docker Engine could do for sessions: nothing, nothing yet, or run them. */
export type DockerOffer = "none" | "image-missing" | "ready";

/** An engine on this machine answers in milliseconds; one that does not is none that we would offer. */
const patienceMs = 2000;
const defaultHost = "unix:///var/run/docker.sock";

/** Asks the engine for the session's image, if sessions do not run in it already. Never throws, and never takes long. */
export async function findDockerOffer({
  sessionRuntime,
  environment,
}: Pick<Config, "sessionRuntime" | "environment">): Promise<DockerOffer> {
  const host = environment.DOCKER_HOST ?? defaultHost;
  // Sessions are reached by their files: an engine elsewhere is no use to them.
  if (sessionRuntime === "docker" || !host.startsWith("unix:///")) return "none";
  const image = environment.SESSION_IMAGE ?? defaultTemplate.image;
  const status = await statusOf(host.slice("unix://".length), `/images/${image}/json`);
  if (status === 404) return "image-missing";
  return status === 200 ? "ready" : "none";
}

/** The status of the answer; null without one in time. */
async function statusOf(socketPath: string, path: string): Promise<number | null> {
  const sent = request({ socketPath, path, agent: false, signal: AbortSignal.timeout(patienceMs) });
  try {
    sent.end();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    response.destroy();
    return response.statusCode ?? null;
  } catch {
    return null;
  } finally {
    sent.on("error", () => undefined);
  }
}
