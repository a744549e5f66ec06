/**
 * Bundles the agent into `dist`, which then needs nothing but Node 24: agent.js, the bundle with its compiled code, the
 * Agent SDK, the native packages and ripgrep. It can be mounted read-only, alone, at any path. Claude Code is
 * not in it.
 */
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { httpByGetter } from "../../scripts/lib/http-by-getter.mjs";
import { recordCode } from "./src/record-code.ts";

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

/** ws could also speak TLS and compress. It does neither here, and loading that takes its time. */
const wsOnDemand = {
  name: "ws-on-demand",
  setup(bundler) {
    bundler.onResolve({ filter: /^(https|tls|zlib)$/ }, ({ path, importer }) =>
      /node_modules[\\/]ws[\\/]/.test(importer) ? { path, namespace: "on-demand" } : undefined,
    );
    bundler.onLoad({ filter: /./, namespace: "on-demand" }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, { get: (_, name) => process.getBuiltinModule("${path}")[name] });`,
    }));
  },
};

const shared = {
  bundle: true,
  platform: "node",
  target: "node24",
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  legalComments: "none",
  logLevel: "warning",
};

/** One CommonJS file: V8 keeps compiled code of such, not of ES modules. What is not needed at the start stays in it uncalled. */
async function bundleAgent() {
  const result = await build({
    ...shared,
    entryPoints: [join(here, "src/main.ts")],
    write: false,
    format: "cjs",
    external: ["@lydell/node-pty", "bufferutil", "utf-8-validate"],
    // A script that is loaded from compiled code cannot import.
    supported: { "dynamic-import": false },
    banner: { js: 'const __url=require("node:url").pathToFileURL(__filename).href;' },
    define: {
      "import.meta.url": "__url",
      "import.meta.dirname": "__dirname",
      bundledSdkPath: JSON.stringify("./agent-sdk.mjs"),
      bundledVersions: JSON.stringify({
        agent: readJson(join(here, "package.json")).version,
        claude: sdkPackage().claudeCodeVersion,
      }),
    },
    plugins: [englishOnly, httpByGetter, wsOnDemand],
  });
  return result.outputFiles[0].contents;
}

async function bundleSdk(outDirectory) {
  await build({
    ...shared,
    entryPoints: { "agent-sdk": require.resolve("@anthropic-ai/claude-agent-sdk") },
    outdir: outDirectory,
    outExtension: { ".js": ".mjs" },
    format: "esm",
    // CommonJS inside an ES module still wants its `require`.
    banner: { js: 'import{createRequire as __cr}from"node:module";const require=__cr(import.meta.url);' },
    plugins: [englishOnly, httpByGetter],
  });
}

/** Writes the bundle and what loads it; files of former builds go once nothing names them. */
function writeAgent(outDirectory, bundle) {
  const code = join(outDirectory, "code");
  const name = `agent-${createHash("sha256").update(bundle).digest("hex").slice(0, 16)}.js`;
  mkdirSync(code, { recursive: true });
  writeFileSync(join(code, name), bundle);
  const loader = readFileSync(join(here, "src/load-compiled.cjs"), "utf8");
  const entry = join(outDirectory, "agent.js");
  // Whatever a package.json further up says.
  writeFileSync(join(outDirectory, "package.json"), '{ "type": "commonjs" }\n');
  writeFileSync(`${entry}.new`, loader.replace("BUNDLE", JSON.stringify(`code/${name}`)));
  renameSync(`${entry}.new`, entry);
  for (const old of readdirSync(code)) if (!old.startsWith(name)) rmSync(join(code, old));
  return { entry, bundlePath: join(code, name) };
}

/** Builds into `outDirectory` (default: dist beside this file); answers where the agent is. */
export async function buildAgent({ outDirectory = join(here, "dist") } = {}) {
  mkdirSync(outDirectory, { recursive: true });
  const modules = join(outDirectory, "node_modules");
  copyPackage("@lydell/node-pty", modules);
  copyPackage(`@lydell/node-pty-${platform}`, modules);
  copyRipgrep(outDirectory);
  await bundleSdk(outDirectory);
  const { entry, bundlePath } = writeAgent(outDirectory, await bundleAgent());
  await recordCode(entry, bundlePath);
  return { entry, directory: outDirectory };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const beganAt = performance.now();
  const { entry } = await buildAgent();
  process.stdout.write(`${entry} in ${Math.round(performance.now() - beganAt)} ms\n`);
}
