import { once } from "node:events";
import { type IncomingMessage, type RequestOptions, request } from "node:http";
import { text } from "node:stream/consumers";
import { PublicConfig } from "@remote-claude/protocol";
import { z } from "zod";
import type { DockerOffer } from "./docker-offer.ts";
import { Failure } from "./failure.ts";

/** What the api says of the product once it runs. */
export interface Welcome {
  readonly signInUrl: string;
  readonly config: PublicConfig;
}

const LinkReply = z.object({ token: z.string().min(1) });

/**
 * Asks the api for a one-time link for the first admin. The token goes behind `#`: browsers do not send it, so that
 * no log of a server or proxy holds it.
 */
export async function fetchWelcome(
  apiUrl: string,
  internalSecret: string,
  publicUrl: string,
): Promise<Welcome> {
  const [link, config] = await Promise.all([
    ask(`${apiUrl}/internal/sign-in-links`, LinkReply, {
      method: "POST",
      headers: { authorization: `Bearer ${internalSecret}`, "content-type": "application/json" },
      body: "{}",
    }),
    ask(`${apiUrl}/api/config`, PublicConfig),
  ]);
  return { signInUrl: `${publicUrl}/sign-in/link#${link.token}`, config };
}

/** By node:http: `fetch` alone would add some 20 MB to a process that asks twice in its life. */
async function ask<Schema extends z.ZodType>(
  url: string,
  schema: Schema,
  { body, ...options }: RequestOptions & { body?: string } = {},
): Promise<z.infer<Schema>> {
  try {
    const sent = request(url, { ...options, agent: false, timeout: 20_000 });
    sent.on("timeout", () => sent.destroy(new Error("no answer within 20 s"))).end(body);
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    const answer = await text(response);
    if (Math.floor((response.statusCode ?? 0) / 100) !== 2)
      throw new Error(`status ${response.statusCode}: ${answer.slice(0, 300)}`);
    return schema.parse(JSON.parse(answer));
  } catch (error) {
    throw new Failure(`The api does not answer ${new URL(url).pathname} (${(error as Error).message})`);
  }
}

const isolationInWords: Record<PublicConfig["isolation"], string> = {
  container: "each session runs in a container of its own, without a network card",
  bubblewrap: "each session has its own file system, processes and network (bubblewrap)",
  none: "NONE: sessions can read and change what this account can; install bubblewrap (apt install bubblewrap)",
};

const inContainers = "SESSION_RUNTIME=docker npm start";

/** What Docker could do here: a hint where sessions are walled off already, a recommendation where they are not. */
function dockerLines(offer: DockerOffer, isolation: PublicConfig["isolation"]): string[] {
  const open = isolation === "none";
  if (offer === "ready") {
    const start = `${inContainers} runs each session in a container`;
    return [
      `  Docker     ${open ? `RECOMMENDED, since nothing isolates sessions now: ${start}` : `ready: ${start}`}`,
    ];
  }
  if (offer === "none" || !open) return [];
  return [`  Docker     RECOMMENDED without bubblewrap: npm run build:session-image, then ${inContainers}`];
}

const keyHint =
  "none yet: set ANTHROPIC_API_KEY (or ANTHROPIC_AUTH_TOKEN, CLAUDE_CODE_OAUTH_TOKEN) and start again";

/** The lines that end a start. */
export function welcomeLines(
  { signInUrl, config }: Welcome,
  context: { dataDir: string; seconds: string; logsDir: string; docker: DockerOffer },
): string[] {
  return [
    "",
    `● Remote Claude is ready (${context.seconds} s). Open`,
    "",
    `    ${signInUrl}`,
    "",
    "  It signs the admin in, once, within an hour.",
    "",
    `  Data       ${context.dataDir}`,
    `  Logs       ${context.logsDir}`,
    `  Isolation  ${isolationInWords[config.isolation]}`,
    ...dockerLines(context.docker, config.isolation),
    `  Model key  ${config.modelKeyConfigured ? "configured; it never enters a session" : keyHint}`,
    ...(config.gitUnavailable === null ? [] : [`  Cloning    unavailable: ${config.gitUnavailable}`]),
    "  Stop       Ctrl-C",
    "",
  ];
}
