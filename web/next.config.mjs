import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What build-monaco.mjs made, which comes first. */
const monaco = JSON.parse(readFileSync(new URL("./public/monaco/files.json", import.meta.url), "utf8"));

/**
 * JavaScript, so that the server need not load a compiler to read it (20 MB).
 * @type {import("next").NextConfig}
 */
const config = {
  // The image holds only what the server needs; `npm start` has everything already.
  ...(process.env.NEXT_OUTPUT === "standalone" ? { output: "standalone" } : {}),
  transpilePackages: ["@remote-claude/protocol", "@remote-claude/service"],
  // `npm run check` looks at types; the build only builds.
  typescript: { ignoreBuildErrors: true },
  compiler: {
    // src/monaco/files.ts
    define: {
      MONACO_MODULE: monaco.modules[0],
      MONACO_MODULES: monaco.modules.join(" "),
      MONACO_STYLES: monaco.styles,
    },
    runAfterProductionCompile: async ({ projectDir, distDir }) => {
      const { compileAhead, compressStatic } = await import("./compress.mjs");
      const { noteEarlyFiles } = await import("./early-chunks.mjs");
      const directory = resolve(projectDir, distDir, "static");
      const scripts = readdirSync(resolve(directory, "chunks")).filter((name) => name.endsWith(".js"));
      await noteEarlyFiles(directory);
      await compileAhead(scripts.map((name) => resolve(directory, "chunks", name)));
      await compressStatic(directory);
    },
  },
  outputFileTracingRoot: root,
  turbopack: {
    root,
    rules: {
      "**/react-resizable-panels/dist/react-resizable-panels.js": {
        loaders: [fileURLToPath(new URL("./panels-compare.mjs", import.meta.url))],
      },
    },
  },
  poweredByHeader: false,
  // Pages, and everything for a browser that takes no brotli.
  compress: true,
  devIndicators: false,
  images: { unoptimized: true },
  // Every page is made for one person: there is nothing to keep.
  cacheMaxMemorySize: 0,
  experimental: {
    optimizePackageImports: ["radix-ui"],
    preloadEntriesOnStart: false,
    turbopackChunking: {
      priorityRoutes: [/^\/sessions\//],
      priorityBoost: 4,
      firstPageLoadPriority: 1,
      requestCost: 1_000_000,
      minChunkSize: 150_000,
      maxChunkCountPerGroup: 6,
      maxMergeChunkSize: 1_000_000,
    },
  },
};

export default config;
