/** What `npm run check` looks at beside format, lint, types and boundaries. Each check gives back what is wrong. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { composeVariables, schemaVariables } from "./check-compose.mjs";

const neverOurs = new Set([
  ".git",
  "node_modules",
  "dist",
  ".next",
  ".build",
  "generated",
  "coverage",
  "test-results",
]);

/** Files that git knows or would take, as it names them; in a copy without git, every file that is not made. */
export function projectFiles(root) {
  try {
    const output = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
      cwd: root,
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
      stdio: ["ignore", "pipe", "ignore"],
    });
    return output.split("\0").filter((file) => file !== "" && existsSync(join(root, file)));
  } catch {
    return walk(root, "");
  }
}

function walk(root, folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (neverOurs.has(entry.name)) return [];
    if (entry.isDirectory()) return walk(root, path);
    return entry.isFile() ? [path] : [];
  });
}

const maxLines = 500;
const sized = /\.(ts|tsx|mjs|cjs|js)$/;
const reasonForLength = /\blong\b.*\b(because|since|as)\b/i;

/** Source files over the limit, unless their first lines say "Long because …". */
export function checkSizes(root, files) {
  return files
    .filter((file) => sized.test(file) && !file.includes("/generated/"))
    .flatMap((file) => {
      const lines = readFileSync(join(root, file), "utf8").split("\n");
      if (lines.length - 1 <= maxLines || lines.slice(0, 8).some((line) => reasonForLength.test(line)))
        return [];
      return `${file} has ${lines.length - 1} lines: split it (${maxLines} is the limit), or say in its first lines "Long because …"`;
    });
}

const documents = /^(AGENTS|README|CHANGELOG|CONTRIBUTING|SECURITY)\.md$|^docs\/.*\.md$/;
const inCode = /`([^`\n]+)`/g;
const inLink = /\]\(([^)\s#]+)[^)]*\)/g;
/** What is surely meant as a path of this project: plain characters, and a slash or a known ending. */
const pathLike = /^\.?[\w@-][\w.@/-]*$/;
const knownEnding = /\.(ts|tsx|mjs|cjs|js|json|md|ya?ml|prisma|css|example)$/;

/** Paths that documents name but that are not there. */
export function checkDocumentPaths(root, files) {
  const folders = new Set(files.map((file) => file.split("/")[0]));
  return files
    .filter((file) => documents.test(file))
    .flatMap((document) => {
      const text = readFileSync(join(root, document), "utf8").replace(/```[\s\S]*?```/g, "");
      const base = join(root, document, "..");
      const code = [...text.matchAll(inCode)].map(([, path = ""]) => path);
      const named = code.filter(
        (path) => pathLike.test(path) && path.includes("/") && folders.has(path.split("/")[0]),
      );
      const linked = [...text.matchAll(inLink)]
        .map(([, path = ""]) => path)
        .filter((path) => !/^[a-z]+:|^\//.test(path));
      return [
        ...named.filter(
          (path) => !existsSync(join(root, path)) && (knownEnding.test(path) || path.endsWith("/")),
        ),
        ...linked.filter((path) => !existsSync(join(base, path))),
      ].map((path) => `${document} names ${path}, which is not there`);
    });
}

/** Where each process reads its settings. The agent is not among them: session-manager alone sets what it reads. */
const configs = [
  ...["standalone", "api", "egress", "session-manager", "web", "prisma"].map(
    (folder) => `${folder}/src/config.ts`,
  ),
  "api/src/sign-in-config/environment.ts",
];
/** Node's own, and what a login sets. */
const notOurs = new Set(["NODE_ENV", "PATH", "HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"]);

/** Variables that `.env.example` documents and the schemas of the processes do not know, and the other way round. */
export function checkEnvironment(root) {
  const example = readFileSync(join(root, ".env.example"), "utf8");
  const documented = new Set([...example.matchAll(/^#? ?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name));
  const known = new Map();
  for (const config of configs.filter((file) => existsSync(join(root, file)))) {
    const text = readFileSync(join(root, config), "utf8");
    for (const name of schemaVariables(text)) known.set(name, config);
  }
  for (const name of composeVariables(root)) known.set(name, known.get(name) ?? "docker-compose.yml");
  const missing = [...known].filter(([name]) => !documented.has(name) && !notOurs.has(name));
  const unknown = [...documented].filter((name) => !known.has(name));
  return [
    ...missing.map(([name, config]) => `${config} reads ${name}, which .env.example does not explain`),
    ...unknown.map((name) => `.env.example explains ${name}, which no process reads`),
  ];
}
