import { readdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";

const chunk = /"(static\/chunks\/[^"]+)"/g;

/** `e.A(1).then(({askEarly: …}) => …), e.A(2), e.A(3)`: what src/workbench/early.ts asks for, as bundled. */
const asked = /\.A\((\d+)\)\.then\(\(\{askEarly:.{1,40}?\.A\((\d+)\),\w+\.A\((\d+)\)/;

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
  if (files.length !== 3 || files.some((each) => each.length === 0))
    throw new Error("web/early-chunks.mjs does not find what src/workbench/early.ts imports");
  await writeFile(resolve(directory, "early.json"), JSON.stringify([...new Set(files.flat())]));
}
