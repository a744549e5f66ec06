import { fileURLToPath } from "node:url";
import type { NextConfig } from "next";

const root = fileURLToPath(new URL("..", import.meta.url));

const config: NextConfig = {
  transpilePackages: ["@remote-claude/protocol"],
  // `npm run check` looks at types; the build only builds.
  typescript: { ignoreBuildErrors: true },
  outputFileTracingRoot: root,
  turbopack: { root },
  poweredByHeader: false,
  // The gateway compresses what the services answer; this is for a browser that speaks to web directly.
  compress: true,
  devIndicators: false,
  productionBrowserSourceMaps: false,
  experimental: { optimizePackageImports: ["radix-ui"] },
};

export default config;
