import { lstat, rename } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError, type Handlers } from "@remote-claude/protocol";
import type { ActJournal } from "../acts/index.ts";
import type { AgentContext, AgentServices } from "../context.ts";
import { withMeaning } from "../lib/system-errors.ts";
import type { Snapshots } from "../workspace/snapshots.ts";
import { removeEntry } from "./content.ts";
import { listDirectory, statEntry, trimmed } from "./entries.ts";
import { extractArchive } from "./extract.ts";
import { fuzzyFind } from "./fuzzy.ts";
import { IgnoreRules } from "./ignore-rules.ts";
import { listPaths, searchText } from "./ripgrep-queries.ts";
import { fuzzySymbols, listSymbols } from "./symbols.ts";
import { Transfers } from "./transfers.ts";
import { WorkspaceWatcher } from "./watcher.ts";
import type { WorkspaceRoot } from "./workspace-root.ts";

type FileHandlers = Pick<
  Handlers<"agent", AgentContext>,
  | "file.list"
  | "file.stat"
  | "file.make-directory"
  | "file.move"
  | "file.delete"
  | "file.find"
  | "file.find-symbols"
  | "file.search"
  | "file.open-transfer"
>;

export interface Files {
  readonly handlers: FileHandlers;
  /** Begins to tell of changes. */
  watch(): void;
  transfer(request: IncomingMessage, response: ServerResponse): boolean;
  /** How many transfers are under way. */
  countTransfers(): number;
  stop(): void;
}

/** The workspace's files, for those who may not leave it. */
export function createFiles(
  services: AgentServices,
  root: WorkspaceRoot,
  snapshots: Snapshots,
  acts: Pick<ActJournal, "perform">,
): Files {
  const { log, environment } = services;
  const rules = new IgnoreRules(root.path);
  const paths = new Kept(() => listPaths({ root: root.path, env: environment }));
  const symbols = new Kept(() => listSymbols({ root: root.path, env: environment }));
  const watcher = new WorkspaceWatcher(root.path, rules, log, (event) => {
    if (event.overflow || event.changes.some(({ type }) => type !== "changed")) paths.forget();
    symbols.forget();
    services.broadcast("file.changed", event);
  });
  let watching = false;
  const transfers = new Transfers({
    root,
    log,
    snapshots,
    acts,
    extract: (path, content, maxBytes) =>
      extractArchive(root, trimmed(path), content, maxBytes, (text) =>
        services.broadcast("workspace.progress", { step: "extracting", text }),
      ),
  });
  const handlers: FileHandlers = {
    "file.list": ({ path }) =>
      withMeaning(path, () => {
        // Without the watcher's word nobody knows whether a .gitignore changed.
        if (!watching) rules.forget();
        return listDirectory(root, rules, path);
      }),
    "file.stat": ({ path }) => withMeaning(path, async () => ({ entry: await statEntry(root, rules, path) })),
    "file.make-directory": ({ path }) =>
      withMeaning(path, async () => {
        await root.ensureDirectory(trimmed(path));
        return {};
      }),
    "file.move": ({ from, to, overwrite }) =>
      withMeaning(from, () => move(root, trimmed(from), trimmed(to), overwrite === true)),
    "file.delete": ({ path, ifMatch }) =>
      withMeaning(path, async () => {
        await removeEntry(root, trimmed(path), ifMatch);
        return {};
      }),
    "file.find": async ({ query, limit }) => ({ paths: fuzzyFind(query, await paths.get(watching), limit) }),
    "file.find-symbols": async ({ query, limit }) => ({
      symbols: query.trim() === "" ? [] : fuzzySymbols(query, await symbols.get(watching), limit),
    }),
    "file.search": (request) => searchText({ root: root.path, env: environment }, request),
    "file.open-transfer": (request) =>
      withMeaning(request.path, () => transfers.open({ ...request, path: trimmed(request.path) })),
  };
  return {
    handlers,
    transfer: (request, response) => transfers.handle(request, response),
    countTransfers: () => transfers.running,
    watch: () => {
      if (watching) return;
      watching = true;
      watcher.start().catch((err: unknown) => log.error({ err }, "the watcher failed"));
    },
    stop: () => {
      watcher.stop();
      transfers.stop();
    },
  };
}

async function move(
  root: WorkspaceRoot,
  from: string,
  to: string,
  overwrite: boolean,
): Promise<Record<string, never>> {
  if (to === from || to.startsWith(`${from}/`))
    throw new AppError("bad_request", "a directory cannot be moved into itself");
  return root.withEntry(from, (source) =>
    root.withEntry(to, async (target) => {
      const { directory, name } = target;
      await lstat(source.directory.at(source.name));
      const existing = await lstat(directory.at(name)).catch(() => null);
      if (existing !== null && !overwrite) throw new AppError("conflict", `${to}: it exists already`);
      await rename(source.directory.at(source.name), directory.at(name));
      return {};
    }),
  );
}

/** What was read from the whole workspace, kept while the watcher says that it holds. */
class Kept<T> {
  readonly #load: () => Promise<T>;
  #kept: Promise<T> | null = null;

  constructor(load: () => Promise<T>) {
    this.#load = load;
  }

  forget(): void {
    this.#kept = null;
  }

  get(mayKeep: boolean): Promise<T> {
    if (this.#kept !== null && mayKeep) return this.#kept;
    const loading = this.#load();
    this.#kept = loading;
    loading.catch(() => {
      if (this.#kept === loading) this.#kept = null;
    });
    return loading;
  }
}
