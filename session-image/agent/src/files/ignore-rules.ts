import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ignore, { type Ignore } from "ignore";

const maxBytes = 1024 * 1024;

/**
 * What .gitignore files (and .git/info/exclude) name, by git's rules: deeper files win, and nothing inside an
 * ignored directory counts. `.git` itself is ignored. Rules are read once, until they are forgotten.
 */
export class IgnoreRules {
  readonly #root: string;
  readonly #rules = new Map<string, Ignore | null>();

  constructor(root: string) {
    this.#root = root;
  }

  /** A .gitignore changed, or may have. */
  forget(): void {
    this.#rules.clear();
  }

  /** `path` is the workspace's name of it. */
  ignores(path: string, isDirectory: boolean): boolean {
    const parts = path.split("/");
    for (let depth = 1; depth <= parts.length; depth++) {
      const partIsDirectory = depth < parts.length || isDirectory;
      if (this.#names(parts.slice(0, depth), partIsDirectory)) return true;
    }
    return false;
  }

  /** As `ignores`, of something in a directory that is known not to be ignored. */
  ignoresEntry(directory: string, name: string, isDirectory: boolean): boolean {
    return this.#names(directory === "" ? [name] : [...directory.split("/"), name], isDirectory);
  }

  #names(parts: string[], isDirectory: boolean): boolean {
    if (parts.at(-1) === ".git") return true;
    let ignored = false;
    for (let depth = 0; depth < parts.length; depth++) {
      const rules = this.#rulesIn(parts.slice(0, depth).join("/"));
      if (rules === null) continue;
      const inside = parts.slice(depth).join("/") + (isDirectory ? "/" : "");
      const result = rules.test(inside);
      if (result.ignored) ignored = true;
      else if (result.unignored) ignored = false;
    }
    return ignored;
  }

  #rulesIn(directory: string): Ignore | null {
    const known = this.#rules.get(directory);
    if (known !== undefined) return known;
    const texts = [join(this.#root, directory, ".gitignore")];
    if (directory === "") texts.unshift(join(this.#root, ".git/info/exclude"));
    const text = texts.map(readSmallFile).join("\n").trim();
    const rules = text === "" ? null : ignore().add(text);
    this.#rules.set(directory, rules);
    return rules;
  }
}

/** "" for whatever is no ordinary, readable, small file: git does not follow a link here either. */
function readSmallFile(path: string): string {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    return stats.isFile() && stats.size <= maxBytes ? readFileSync(descriptor, "utf8") : "";
  } catch {
    return "";
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}
