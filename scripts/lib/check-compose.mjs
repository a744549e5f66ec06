/** Does docker-compose.yml give each service the settings that its schema knows, and no others? */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** The services of ours, and where each reads its settings. */
const readers = {
  api: [
    "api/src/config.ts",
    "api/src/sign-in-config/environment.ts",
    "api/src/audit-delivery/environment.ts",
    "api/src/alerts/environment.ts",
  ],
  egress: ["egress/src/config.ts"],
  "session-manager": ["session-manager/src/config.ts"],
  web: ["web/src/config.ts"],
  migrate: ["prisma/src/config.ts"],
};

/** Set by the images, or of no use in a container: the local runtime's, and a directory instead of a bucket. */
const notPassed = new Set([
  "NODE_ENV",
  "PATH",
  "HOME",
  "XDG_RUNTIME_DIR",
  "DBUS_SESSION_BUS_ADDRESS",
  "ARTIFACTS_DIR",
  "PLACES_DIR",
  "AGENT_DIR",
  "CLAUDE_BINARY",
  "NODE_BINARY",
  "LOCAL_ISOLATION",
  "END_LEFTOVERS",
  "STOP_PLACES_ON_EXIT",
  // The socket is mounted where it is looked for; what the variable means outside is another thing.
  "DOCKER_HOST",
]);

/** The variables of a schema: the two-space keys in capitals of a config.ts. */
export function schemaVariables(text) {
  return [...text.matchAll(/^ {2,4}([A-Z][A-Z0-9_]+):/gm)].map(([, name]) => name);
}

const readCompose = (text) => parse(text, { merge: true, maxAliasCount: -1 });

function composeFiles(root) {
  const deploy = join(root, "deploy");
  const parts = existsSync(deploy) ? readdirSync(deploy).filter((name) => name.endsWith(".yml")) : [];
  const files = ["docker-compose.yml", ...parts.map((name) => `deploy/${name}`)];
  return files
    .filter((file) => existsSync(join(root, file)))
    .map((file) => readFileSync(join(root, file), "utf8"));
}

/** Every variable that the compose files take from .env: `${NAME…}`, and `NAME:` without a value. */
export function composeVariables(root) {
  const names = new Set();
  for (const text of composeFiles(root)) {
    for (const [, name] of text.matchAll(/(?<!\$)\$\{([A-Z][A-Z0-9_]*)/g)) names.add(name);
    for (const { environment = {} } of Object.values(readCompose(text).services ?? {})) {
      for (const [name, value] of Object.entries(environment)) if (value === null) names.add(name);
    }
  }
  return names;
}

/** What is wrong, a sentence each. */
export function checkCompose(root) {
  if (!existsSync(join(root, "docker-compose.yml"))) return [];
  const { services } = readCompose(readFileSync(join(root, "docker-compose.yml"), "utf8"));
  return Object.entries(readers).flatMap(([service, configs]) => {
    const config = configs[0];
    const known = new Set(
      configs
        .filter((file) => existsSync(join(root, file)))
        .flatMap((file) => schemaVariables(readFileSync(join(root, file), "utf8"))),
    );
    const passed = new Set(Object.keys(services[service]?.environment ?? {}));
    const missing = [...known].filter((name) => !passed.has(name) && !notPassed.has(name));
    const unread = [...passed].filter((name) => !known.has(name) && !known.has(name.replace(/_FILE$/, "")));
    return [
      ...missing.map(
        (name) => `${config} reads ${name}, which docker-compose.yml does not pass to ${service}`,
      ),
      ...unread.map((name) => `docker-compose.yml passes ${name} to ${service}, which does not read it`),
    ];
  });
}
