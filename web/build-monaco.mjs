/**
 * Bundles Monaco into public/monaco: one ES module with its styles, what it loads later, and its workers
 * (docs/adr/0006-monaco.md). `node build-monaco.mjs`
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { compressStatic } from "./compress.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const directory = join(here, "public/monaco");

const workers = {
  editor: "monaco-editor/editor/editor.worker.js",
  ts: "monaco-editor/languages/features/typescript/ts.worker.js",
  json: "monaco-editor/languages/features/json/json.worker.js",
  css: "monaco-editor/languages/features/css/css.worker.js",
  html: "monaco-editor/languages/features/html/html.worker.js",
};

/** Monaco's own bundler left imports of all features in the file that starts workers: ours are in features.ts. */
const onlyOurFeatures = {
  name: "only-our-features",
  setup({ onLoad }) {
    onLoad(
      { filter: /monaco-editor[\\/]esm[\\/]vs[\\/]internal[\\/]common[\\/]workers\.js$/ },
      async (file) => ({
        contents: (await readFile(file.path, "utf8")).replaceAll(/^import '[^']+';$/gm, ""),
      }),
    );
  },
};

const options = {
  absWorkingDir: here,
  outdir: directory,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2024",
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".ttf": "file" },
  legalComments: "none",
  metafile: true,
  write: false,
};

const addressOf = (path) => `/monaco/${basename(path)}`;

/** Builds and writes; gives back what was made: path → what esbuild knows of it. */
async function bundle(more) {
  const { metafile, outputFiles } = await build({ ...options, ...more });
  const entry = Object.values(metafile.outputs).find(({ entryPoint }) =>
    entryPoint?.endsWith("monaco/main.ts"),
  );
  for (const { path, contents } of outputFiles) {
    // Each part that is loaded later has a copy of the styles, which are there by then.
    const copy =
      entry !== undefined && extname(path) === ".css" && basename(path) !== basename(entry.cssBundle);
    if (!copy) writeFileSync(path, contents);
  }
  return metafile.outputs;
}

async function bundleWorkers() {
  const outputs = await bundle({
    entryPoints: Object.keys(workers).map((name) => ({ in: workers[name], out: `${name}.worker` })),
  });
  const made = Object.keys(outputs);
  const find = (name) => made.find((path) => basename(path).startsWith(`${name}.worker-`));
  return Object.fromEntries(Object.keys(workers).map((name) => [name, addressOf(find(name))]));
}

/** Everything that `path` cannot run without, itself first. */
function withImports(outputs, path, found = new Set()) {
  if (found.has(path)) return found;
  found.add(path);
  for (const { kind, path: next } of outputs[path].imports) {
    if (kind === "import-statement") withImports(outputs, next, found);
  }
  return found;
}

/** Names hold a hash of the content; files.json says what the page needs first, for next.config.mjs. */
export async function buildMonaco() {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const outputs = await bundle({
    entryPoints: { monaco: "src/monaco/main.ts" },
    splitting: true,
    // One by one: an object would be a file of its own that all others import.
    define: Object.fromEntries(
      Object.entries(await bundleWorkers()).map(([name, address]) => [
        `WORKERS.${name}`,
        JSON.stringify(address),
      ]),
    ),
    plugins: [onlyOurFeatures],
  });
  const main = Object.keys(outputs).find((path) => outputs[path].entryPoint === "src/monaco/main.ts");
  const files = {
    modules: [...withImports(outputs, main)].map(addressOf),
    styles: addressOf(outputs[main].cssBundle),
  };
  writeFileSync(join(directory, "files.json"), JSON.stringify(files));
  await compressStatic(directory);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildMonaco();
