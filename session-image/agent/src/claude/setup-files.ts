import { readdir } from "node:fs/promises";
import type { ClaudeScope, SetupFile, SetupKind } from "@remote-claude/protocol";
import { openFile, type WorkspaceRoot } from "../files/workspace-root.ts";

const maxOfKind = 200;
const maxDepth = 3;
/** A file's head holds its name and description. */
const headBytes = 4096;

interface Family {
  readonly kind: SetupKind;
  /** Below the folder of Claude's own files. */
  readonly directory: string;
  /** Whether a file of it, by its path below the directory, is one. */
  readonly fits: (path: string) => boolean;
}

const isMarkdown = (path: string) => path.endsWith(".md");
const families: readonly Family[] = [
  { kind: "agent", directory: "agents", fits: isMarkdown },
  { kind: "skill", directory: "skills", fits: (path) => /^[^/]+\/SKILL\.md$/.test(path) },
  { kind: "command", directory: "commands", fits: isMarkdown },
  { kind: "output-style", directory: "output-styles", fits: isMarkdown },
];

const singles: Readonly<Record<ClaudeScope, readonly { kind: SetupKind; path: string }[]>> = {
  project: [
    { kind: "memory", path: "CLAUDE.md" },
    { kind: "memory", path: ".claude/CLAUDE.md" },
    { kind: "memory", path: "CLAUDE.local.md" },
    { kind: "settings", path: ".claude/settings.json" },
    { kind: "settings", path: ".claude/settings.local.json" },
    { kind: "settings", path: ".mcp.json" },
  ],
  user: [
    { kind: "memory", path: "CLAUDE.md" },
    { kind: "settings", path: "settings.json" },
  ],
};

/**
 * The files of one scope that shape Claude. `base` is where agents, skills and so on lie below the root. What leads
 * out of the root, is no file or cannot be read is passed over.
 */
export async function listSetupFiles(
  root: WorkspaceRoot,
  scope: ClaudeScope,
  base: string,
): Promise<SetupFile[]> {
  const found: SetupFile[] = [];
  for (const { kind, path } of singles[scope]) {
    if ((await headOf(root, path)) !== null) found.push({ kind, scope, path, name: path, description: "" });
  }
  for (const { kind, directory, fits } of families) {
    const folder = base === "" ? directory : `${base}/${directory}`;
    const paths = (await filesBelow(root, folder, "", maxDepth)).filter(fits).sort();
    for (const below of paths.slice(0, maxOfKind)) {
      const path = `${folder}/${below}`;
      const head = await headOf(root, path);
      if (head !== null) found.push({ kind, scope, path, ...describe(kind, below, head) });
    }
  }
  return found;
}

/** Paths of files below a folder, links to files among them. */
async function filesBelow(
  root: WorkspaceRoot,
  folder: string,
  prefix: string,
  depth: number,
): Promise<string[]> {
  const entries = await root
    .withDirectory(folder, (directory) => readdir(directory.self, { withFileTypes: true }))
    .catch(() => []);
  const found: string[] = [];
  for (const entry of entries) {
    if (found.length >= maxOfKind * 5) break;
    const path = `${prefix}${entry.name}`;
    if (entry.isDirectory() && depth > 0)
      found.push(...(await filesBelow(root, `${folder}/${entry.name}`, `${path}/`, depth - 1)));
    else if (!entry.isDirectory()) found.push(path);
  }
  return found;
}

/** The beginning of a file; null where there is none to be read. */
async function headOf(root: WorkspaceRoot, path: string): Promise<string | null> {
  try {
    return await root.withTarget(path, async ({ directory, name }) => {
      const handle = await openFile(directory.at(name));
      try {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
        return buffer.toString("utf8", 0, bytesRead);
      } finally {
        await handle.close();
      }
    });
  } catch {
    return null;
  }
}

/** Name and description as the file's front matter says, else as its path does. */
function describe(kind: SetupKind, path: string, head: string): Pick<SetupFile, "name" | "description"> {
  const matter = /^---\r?\n([\s\S]*?)\r?\n---/.exec(head)?.[1] ?? "";
  const plain = path.replace(/\/SKILL\.md$/, "").replace(/\.md$/, "");
  const field = (name: string) => {
    const value = new RegExp(`^${name}:[ \\t]*(?:[>|][-+]?[ \\t]*\\r?\\n[ \\t]+)?(.*)$`, "m").exec(
      matter,
    )?.[1];
    return value?.trim().replace(/^(["'])(.*)\1$/, "$2") ?? "";
  };
  // A command is called by its path, whatever it says of itself.
  const name = kind === "command" ? plain.replaceAll("/", ":") : field("name") || plain;
  return { name: name.slice(0, 200), description: field("description").slice(0, 1000) };
}
