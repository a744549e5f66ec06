import { AppError, type FileEntry, type RouteDefinition, readFile, writeFile } from "@remote-claude/protocol";
import { request, urlOf } from "../../../lib/api.ts";
import { live } from "../../../lib/live.ts";
import { nameOf } from "../tree/paths.ts";
import { tellMoved } from "./moves.ts";

/** Makes an empty file, or a directory; never in place of one that is there. */
export async function makeEntry(sessionId: string, type: "file" | "directory", path: string): Promise<void> {
  if (type === "directory") {
    await assertFree(sessionId, path);
    await live.command("file.make-directory", sessionId, { path });
    return;
  }
  try {
    await request(writeFile as unknown as RouteDefinition, {
      params: { sessionId, path },
      headers: { "content-type": "application/octet-stream", "if-none-match": "*" },
      content: new Blob([]),
    });
  } catch (error) {
    if (error instanceof AppError && error.code === "precondition_failed")
      throw new AppError("conflict", `“${nameOf(path)}” exists already.`);
    throw error;
  }
}

/** The agent makes directories quietly again: what is there already must be told here. */
async function assertFree(sessionId: string, path: string): Promise<void> {
  const exists = await live.command("file.stat", sessionId, { path }).then(
    () => true,
    (error: unknown) => {
      if (error instanceof AppError && error.code === "not_found") return false;
      throw error;
    },
  );
  if (exists) throw new AppError("conflict", `“${nameOf(path)}” exists already.`);
}

export async function moveEntry(sessionId: string, from: string, to: string, overwrite = false) {
  await live.command("file.move", sessionId, { from, to, ...(overwrite ? { overwrite } : {}) });
  tellMoved({ from, to });
}

export async function deleteEntry(sessionId: string, path: string): Promise<void> {
  await live.command("file.delete", sessionId, { path }, { timeoutMs: 120_000 });
}

/** Lets the browser save a file, or a directory as .tar.gz. */
export function downloadEntry(sessionId: string, { path, name, type }: FileEntry): void {
  const archive = type === "directory";
  const link = document.createElement("a");
  link.href = urlOf(readFile, { sessionId, path }, archive ? { archive: "1" } : { download: "1" });
  link.download = archive ? `${name}.tar.gz` : name;
  document.body.append(link);
  link.click();
  link.remove();
}
