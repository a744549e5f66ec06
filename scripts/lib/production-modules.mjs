/** Which packages of npm a service needs when it runs, read from the lockfile. */
import { cpSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

const own = "@remote-claude/";

/** Where the package `name` is found from the folder `from`, as Node looks for it; null when it is not locked. */
export function locate(packages, from, name) {
  for (let at = from; ; at = dirname(at)) {
    const path = at === "." || at === "" ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (packages[path] !== undefined) return path;
    if (at === "." || at === "") return null;
  }
}

function needsOf(entry) {
  const optional = new Set(
    Object.entries(entry.peerDependenciesMeta ?? {})
      .filter(([, meta]) => meta.optional)
      .map(([name]) => name),
  );
  const peers = Object.keys(entry.peerDependencies ?? {}).filter((name) => !optional.has(name));
  return [
    ...Object.keys(entry.dependencies ?? {}),
    ...Object.keys(entry.optionalDependencies ?? {}),
    ...peers,
  ];
}

/**
 * The folders of the packages below `workspace` that it needs when it runs; with `only`, of these packages alone.
 * What our own packages need counts as the workspace's: they are bundled into it.
 */
export function productionModules(packages, workspace, only) {
  const found = new Set();
  const visit = (folder, names) => {
    for (const name of names) {
      const path = locate(packages, folder, name);
      if (path === null || found.has(path)) continue;
      const entry = packages[path];
      if (!name.startsWith(own)) found.add(path);
      const source = entry.link ? entry.resolved : path;
      if (entry.link && found.has(source)) continue;
      if (entry.link) found.add(source);
      visit(source, needsOf(packages[source]));
    }
  };
  visit(workspace, only ?? needsOf(packages[workspace]));
  return [...found].filter((path) => path.includes("node_modules/")).sort();
}

/** Copies them, as they lie in `root`, to `out`. Packages of other platforms are not there, and not needed. */
export function copyModules(root, modules, out) {
  for (const path of modules) {
    const from = join(root, path);
    if (!existsSync(from)) continue;
    mkdirSync(dirname(join(out, path)), { recursive: true });
    const inner = join(from, "node_modules");
    cpSync(from, join(out, path), {
      recursive: true,
      filter: (file) => file !== inner && !/\.(d\.[cm]?ts|map)$/.test(file),
    });
  }
}
