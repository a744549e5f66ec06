import { PublicConfig } from "@remote-claude/protocol";
import { z } from "zod";
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

async function ask<Schema extends z.ZodType>(
  url: string,
  schema: Schema,
  init: RequestInit = {},
): Promise<z.infer<Schema>> {
  const path = new URL(url).pathname;
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(20_000) });
    if (!response.ok) throw new Error(`status ${response.status}: ${(await response.text()).slice(0, 300)}`);
    return schema.parse(await response.json());
  } catch (error) {
    throw new Failure(`The api does not answer ${path} (${(error as Error).message})`);
  }
}

const isolationInWords: Record<PublicConfig["isolation"], string> = {
  container: "each session runs in a container of its own, without a network card",
  bubblewrap: "each session has its own file system, processes and network (bubblewrap)",
  none: "NONE: sessions can read and change what this account can; install bubblewrap (apt install bubblewrap)",
};

const keyHint =
  "none yet: set ANTHROPIC_API_KEY (or ANTHROPIC_AUTH_TOKEN, CLAUDE_CODE_OAUTH_TOKEN) and start again";

/** The lines that end a start. */
export function welcomeLines(
  { signInUrl, config }: Welcome,
  context: { dataDir: string; seconds: string; logsDir: string },
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
    `  Model key  ${config.modelKeyConfigured ? "configured; it never enters a session" : keyHint}`,
    ...(config.gitUnavailable === null ? [] : [`  Cloning    unavailable: ${config.gitUnavailable}`]),
    "  Stop       Ctrl-C",
    "",
  ];
}
