import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { ManagerCapabilities, PublicConfig } from "@remote-claude/protocol";
import { request } from "undici";
import { z } from "zod";
import type { Context } from "../context.ts";
import { presentProviders } from "../identities/index.ts";
import { perContext } from "../lib/per-context.ts";
import { requestIdHeaders } from "../lib/request-id-headers.ts";
import { cached } from "./cached.ts";

/** A page does not wait for other services, but where nothing was heard of them for so long. */
const age = { freshMs: 10_000, usableMs: 30_000 };
const askMs = 2000;
const EgressHealth = z.object({ status: z.literal("ok"), modelKeyConfigured: z.boolean() });

/** What egress says of itself; throws when it does not answer. */
export async function askEgress(context: Context): Promise<z.infer<typeof EgressHealth>> {
  const url = new URL("/health", context.config.egressUrl);
  const { statusCode, body } = await request(url, {
    headers: requestIdHeaders(),
    signal: AbortSignal.timeout(askMs),
  });
  const answer = await body.json();
  if (statusCode !== 200) throw new Error(`egress answered ${statusCode}`);
  return EgressHealth.parse(answer);
}

/**
 * The installation's public settings. What other services know is asked at most every ten seconds, behind an answer of
 * the last half minute; while one of them is away, what it said last counts.
 */
export const publicConfigOf = perContext((context) => {
  let capabilities: ManagerCapabilities | null = null;
  let modelKeyConfigured: boolean | null = null;
  const gitUnavailable = context.config.mode === "standalone" ? findOutAboutGit() : Promise.resolve(null);

  return cached(context.clock, age, async (): Promise<PublicConfig> => {
    const [manager, egress] = await Promise.allSettled([
      withTimeout(context.manager.capabilities()),
      askEgress(context),
    ]);
    if (manager.status === "fulfilled") capabilities = manager.value;
    if (egress.status === "fulfilled") modelKeyConfigured = egress.value.modelKeyConfigured;
    const { config } = context;
    const { version, mode, templates } = config;
    return {
      version,
      mode,
      signIn: { password: config.signIn.password, providers: presentProviders(config.signIn) },
      // Not knowing, a server runs containers, and one machine promises nothing.
      isolation: capabilities?.isolation ?? (mode === "server" ? "container" : "none"),
      gitUnavailable: await gitUnavailable,
      // Not knowing, no false alarm: a message without a key says so itself.
      modelKeyConfigured: modelKeyConfigured ?? true,
      templates: [...templates.values()].map(({ name, description, permissionModes }) => ({
        name,
        description,
        permissionModes,
      })),
    };
  });
});

async function withTimeout<T>(asked: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("no answer in time")), askMs);
  });
  return Promise.race([asked, late]).finally(() => clearTimeout(timer));
}

/** On one machine sessions use its git; images carry their own. */
async function findOutAboutGit(): Promise<string | null> {
  try {
    await promisify(execFile)("git", ["--version"], { timeout: 5000 });
    return null;
  } catch {
    return "git is not installed on this machine, so repositories cannot be cloned. Install git and start again.";
  }
}
