import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Client } from "./client.ts";

const directory = fileURLToPath(new URL("./inside/", import.meta.url));

/** Brings the programs of testing/inside/ into a session, as `tools/` in its workspace. */
export async function bringTools(client: Client, sessionId: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const body = await readFile(`${directory}${name}`);
    const path = `/api/sessions/${sessionId}/files/tools/${name}`;
    const response = await client.fetch(path, { method: "PUT", body });
    if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
  }
}

/** Runs one of them and reads the JSON it prints. */
export async function runTool<Answer>(client: Client, sessionId: string, line: string): Promise<Answer> {
  const { stdout, stderr, exitCode } = await client.call<{
    stdout: string;
    stderr: string;
    exitCode: number | null;
  }>("POST", `/api/sessions/${sessionId}/execute`, { command: `node tools/${line}`, timeoutMs: 170_000 });
  if (exitCode !== 0) throw new Error(`${line}: ${exitCode}\n${stdout}\n${stderr}`);
  return JSON.parse(stdout) as Answer;
}
