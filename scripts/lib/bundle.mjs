/**
 * One JavaScript file a service: our own packages are bundled in, packages of npm stay outside. Node could run the
 * sources as they are, but its type stripping costs each process about 50 MB (docs/adr/0001-bundles.md).
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { httpByGetter } from "./http-by-getter.mjs";

/** Each service and where its program begins; the bundle is dist/main.js of its folder. */
export const services = {
  api: "src/main.ts",
  egress: "src/main.ts",
  "session-manager": "src/main.ts",
  standalone: "src/main.ts",
  web: "server.mjs",
};

/** Programs that a service starts for a moment. */
const more = {
  api: (root) => ({
    migrate: join(root, "prisma/src/migrate-main.ts"),
    "verify-audit": join(root, "api/src/verify-audit.ts"),
  }),
  "session-manager": (root) => ({
    "remove-sessions": join(root, "session-manager/src/remove-sessions.ts"),
  }),
  standalone: (root) => ({
    "prepare-database": join(root, "standalone/src/prepare-database.ts"),
    "verify-audit": join(root, "standalone/src/verify-audit.ts"),
  }),
};

/**
 * Keeps npm's packages out of the bundle, unless npm put one into the node_modules of another workspace, where
 * the bundle could not find it when it runs.
 */
function packagesOutside(root, service) {
  return {
    name: "packages-outside",
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) => {
        if (kind === "entry-point" || path.startsWith("@remote-claude/") || path.startsWith("#"))
          return undefined;
        const name = path
          .split("/")
          .slice(0, path.startsWith("@") ? 2 : 1)
          .join("/");
        const own = existsSync(join(root, service, "node_modules", name));
        const workspace = importer.slice(root.length + 1).split("/")[0] ?? "";
        const nested = workspace !== service && existsSync(join(root, workspace, "node_modules", name));
        return nested && !own ? undefined : { path, external: true };
      });
    },
  };
}

const besideSource = (entry) => ({
  banner: { js: `const sourceUrl = new URL("../${entry}", import.meta.url).href;` },
  define: { "import.meta.url": "sourceUrl" },
});

/** esbuild's options for a service. */
export function bundleOptions(root, service) {
  return {
    absWorkingDir: root,
    entryPoints: { main: join(root, service, services[service]), ...more[service]?.(root) },
    outdir: join(root, service, "dist"),
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    sourcemap: "linked",
    sourcesContent: false,
    legalComments: "none",
    logLevel: "silent",
    // Files that a program looks for beside itself are where its source is: dist/ is as deep as src/, and a program
    // of the folder itself is told where it would be.
    ...(services[service].includes("/") ? {} : besideSource(services[service])),
    plugins: [httpByGetter, packagesOutside(root, service)],
  };
}

/** Bundles one service; throws with esbuild's own account of what is wrong. */
export async function bundle(root, service) {
  const { build, formatMessages } = await import("esbuild");
  try {
    await build(bundleOptions(root, service));
  } catch (error) {
    if (!error.errors) throw error;
    throw new Error((await formatMessages(error.errors, { kind: "error", color: false })).join("\n"));
  }
}
