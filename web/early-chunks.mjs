import { readdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";

const chunk = /"(static\/chunks\/[^"]+)"/g;

/** `[e.A(1), e.A(2)]; await Promise.allSettled`: the editor and the terminal in src/workbench/slots.tsx, as bundled. */
const asked = /\[\w+\.A\((\d+)\),\w+\.A\((\d+)\)\];await Promise\.allSettled\(/;

/** The files of one `import()`, by the number that the bundler gave it. */
function filesOf(scripts, id) {
  const loader = new RegExp(`\\b${id},\\w+=>\\{\\w+\\.v\\(\\w+=>Promise\\.all\\(\\[([^\\]]*)\\]`);
  const list = scripts.map((script) => loader.exec(script)?.[1]).find((found) => found !== undefined);
  return list === undefined ? [] : [...list.matchAll(chunk)].map(([, path]) => path);
}

/**
 * Notes which files a workbench asks for first, so that its page can name them: otherwise the browser hears of them
 * only when the scripts before them have been run. `directory` is .next/static; src/server/early-files.ts reads it.
 */
export async function noteEarlyFiles(directory) {
  const chunks = resolve(directory, "chunks");
  const names = readdirSync(chunks).filter((name) => name.endsWith(".js"));
  const scripts = await Promise.all(names.map((name) => readFile(resolve(chunks, name), "utf8")));
  const ids = scripts.map((script) => asked.exec(script)).find((found) => found !== null);
  const files = (ids?.slice(1) ?? []).map((id) => filesOf(scripts, id));
  // The bundler writes it in another way by now: this wants to be looked at, or every page waits a little longer.
  if (files.length !== 2 || files.some((each) => each.length === 0))
    throw new Error("web/early-chunks.mjs does not find what src/workbench/slots.tsx imports");
  await writeFile(resolve(directory, "early.json"), JSON.stringify([...new Set(files.flat())]));
}
