import { randomUUID } from "node:crypto";
import type { Client } from "./client.ts";
import { runTool } from "./inside.ts";

interface Search {
  readonly found: { readonly needle: number; readonly where: string }[];
  readonly seen: { processes: number; environments: number; files: number; memoryBytes: number };
  readonly commands: string[];
}

export interface Secrets {
  /** Which secret was found, and where. */
  readonly leaks: string[];
  /** Where a word was found that had been put everywhere: what the search is worth. */
  readonly canaryAt: string[];
  readonly seen: Search["seen"];
  /** The command lines of the session's processes. */
  readonly commands: string[];
}

/** Each secret as it is, and as it would look in a header or a JSON Web Key; of `id:key` the key alone too. */
function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const key = /^\w+:([\w-]{43})$/.exec(secret)?.[1];
  const asTheyAre = key === undefined ? [secret] : [secret, key];
  return [...asTheyAre, bytes.toString("base64").replace(/=+$/, ""), bytes.toString("hex")];
}

/** Looks for secrets in a session that has its tools (bringTools), by a program in it: nobody sees more than it does. */
export async function findSecrets(
  client: Client,
  sessionId: string,
  secrets: Readonly<Record<string, string>>,
): Promise<Secrets> {
  const named = Object.entries(secrets).flatMap(([name, secret]) =>
    spellings(secret).map((needle) => ({ name, needle })),
  );
  const canary = randomUUID();
  await client.call("POST", `/api/sessions/${sessionId}/execute`, {
    command:
      'echo "$CANARY" > ~/canary; sh -c "sleep 300; : $CANARY" >/dev/null 2>&1 & ' +
      'node -e "globalThis.kept = process.env.CANARY.repeat(2); setTimeout(() => {}, 300_000)" >/dev/null 2>&1 &',
    env: { CANARY: canary },
  });
  const lines = [...named.map(({ needle }) => needle), canary].map((needle) =>
    Buffer.from(Buffer.from(needle).map((byte) => byte ^ 0x5a)).toString("hex"),
  );
  const path = `/api/sessions/${sessionId}/files/tools/needles`;
  await client.fetch(path, { method: "PUT", body: lines.join("\n") });
  const search = await runTool<Search>(client, sessionId, "search-secrets.mjs tools/needles");
  const { found, seen, commands } = search;
  return {
    leaks: found.flatMap(({ needle, where }) => (named[needle] ? [`${named[needle].name}: ${where}`] : [])),
    canaryAt: found.filter(({ needle }) => needle === named.length).map(({ where }) => where),
    seen,
    commands,
  };
}
