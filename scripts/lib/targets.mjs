/** What is built, from what, into what. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundle, services } from "./bundle.mjs";
import { run } from "./run.mjs";

/**
 * @typedef {object} Target
 * @property {string} name
 * @property {string} title what people read while it is made
 * @property {readonly string[]} inputs files and folders whose contents decide whether it is stale
 * @property {readonly string[]} outputs what must exist when it is fresh
 * @property {readonly string[]} after targets that come first
 * @property {(root: string) => Promise<unknown>} make
 */

const common = ["package-lock.json", "tsconfig.base.json", "protocol/src", "protocol/package.json"];

/** @returns {Target} */
const serviceTarget = (service) => ({
  name: service === "web" ? "web-server" : service,
  title: `Bundling ${service}`,
  inputs: [
    ...common,
    "service/src",
    "service/package.json",
    "scripts/lib/bundle.mjs",
    ...(service === "web"
      ? ["web/server.mjs", "web/src/config.ts", "web/src/main.ts", "web/src/server"]
      : [`${service}/src`]),
    `${service}/package.json`,
    ...(service === "session-manager" || service === "web"
      ? []
      : ["prisma/src", "prisma/schema.prisma", "prisma/package.json"]),
  ],
  outputs: [`${service}/dist/main.js`],
  after: ["database-client"],
  make: (root) => bundle(root, service),
});

/** @type {readonly Target[]} */
export const targets = [
  {
    name: "database-client",
    title: "Making the database client",
    inputs: ["package-lock.json", "prisma/schema.prisma", "prisma/scripts/generate.mjs"],
    outputs: ["prisma/src/generated/client.ts"],
    after: [],
    make: async (root) => {
      const script = pathToFileURL(join(root, "prisma/scripts/generate.mjs"));
      const { generateClient } = await import(script.href);
      await generateClient({ force: true });
    },
  },
  ...Object.keys(services).map(serviceTarget),
  {
    name: "agent",
    title: "Bundling the session's agent",
    inputs: [
      ...common,
      "session-image/agent/src",
      "session-image/agent/build.mjs",
      "session-image/agent/package.json",
    ],
    outputs: ["session-image/agent/dist/agent.js"],
    after: [],
    make: async (root) => {
      const script = pathToFileURL(join(root, "session-image/agent/build.mjs"));
      const { buildAgent } = await import(script.href);
      await buildAgent();
    },
  },
  {
    name: "web",
    title: "Building the pages (half a minute)",
    inputs: [...common, "service/src", "service/package.json", "web"],
    outputs: ["web/.next/BUILD_ID", "web/public/monaco/files.json"],
    after: [],
    make: (root) => buildWeb(root),
  },
];

async function buildWeb(root) {
  const { buildMonaco } = await import(pathToFileURL(join(root, "web/build-monaco.mjs")).href);
  await buildMonaco();
  const next = join(root, "node_modules/next/dist/bin/next");
  const cwd = join(root, "web");
  const env = { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" };
  await run(process.execPath, [next, "build"], { cwd, what: "next build", env });
}
