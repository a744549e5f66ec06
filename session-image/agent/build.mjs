/**
 * Bundles the agent into `dist`, which then needs nothing but Node 24: agent.js (and the parts it loads when they are
 * first needed), the native packages and ripgrep. It can be mounted read-only, alone, at any path. Claude Code is
 * not in it.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { httpByGetter } from "../../scripts/lib/http-by-getter.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const platform = `${process.platform}-${process.arch}`;

const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));

function sdkPackage() {
  return readJson(join(dirname(require.resolve("@anthropic-ai/claude-agent-sdk")), "package.json"));
}

/** Where an installed package lies; its package.json need not be exported. */
function packageDirectory(name) {
  for (let at = here; ; at = dirname(at)) {
    const candidate = join(at, "node_modules", name);
    if (existsSync(candidate)) return candidate;
    if (dirname(at) === at) throw new Error(`${name} is not installed: run npm install`);
  }
}

/** Copies what the bundle cannot hold, unless the same version is there already. */
function copyPackage(name, modules, filter = () => true) {
  const from = packageDirectory(name);
  const to = join(modules, name);
  const { version } = readJson(join(from, "package.json"));
  const kept = join(to, "package.json");
  if (existsSync(kept) && readJson(kept).version === version) return;
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true, dereference: true, filter: (path) => filter(path.slice(from.length)) });
}

function copyRipgrep(dist) {
  const from = join(packageDirectory(`@vscode/ripgrep-${platform}`), "bin", "rg");
  const to = join(dist, "bin", "rg");
  mkdirSync(dirname(to), { recursive: true });
  if (existsSync(to) && readFileSync(to).equals(readFileSync(from))) return;
  // Beside it first: an agent may be running the old one.
  cpSync(from, `${to}.new`);
  chmodSync(`${to}.new`, 0o755);
  renameSync(`${to}.new`, to);
}

/** zod brings its messages in fifty languages; the agent speaks one, and memory is what an idle session costs. */
const englishOnly = {
  name: "english-only",
  setup(bundler) {
    bundler.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
      loader: "js",
    }));
  },
};

/** Builds into `outDirectory` (default: dist beside this file); answers where the agent is. */
export async function buildAgent({ outDirectory = join(here, "dist") } = {}) {
  mkdirSync(outDirectory, { recursive: true });
  rmSync(join(outDirectory, "chunks"), { recursive: true, force: true });
  await build({
    entryPoints: {
      agent: join(here, "src/main.ts"),
      "agent-sdk": require.resolve("@anthropic-ai/claude-agent-sdk"),
    },
    outdir: outDirectory,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    legalComments: "none",
    external: ["@lydell/node-pty", "bufferutil", "utf-8-validate"],
    // CommonJS inside an ES module still wants its `require`.
    banner: { js: 'import{createRequire as __cr}from"node:module";const require=__cr(import.meta.url);' },
    define: {
      bundledSdkPath: JSON.stringify("./agent-sdk.js"),
      bundledVersions: JSON.stringify({
        agent: readJson(join(here, "package.json")).version,
        claude: sdkPackage().claudeCodeVersion,
      }),
    },
    plugins: [englishOnly, httpByGetter],
    logLevel: "warning",
  });
  const modules = join(outDirectory, "node_modules");
  copyPackage("@lydell/node-pty", modules);
  copyPackage(`@lydell/node-pty-${platform}`, modules);
  copyRipgrep(outDirectory);
  const entry = join(outDirectory, "agent.js");
  execFileSync(process.execPath, ["--check", entry]);
  return { entry, directory: outDirectory };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const beganAt = performance.now();
  const { entry } = await buildAgent();
  process.stdout.write(`${entry} in ${Math.round(performance.now() - beganAt)} ms\n`);
}
