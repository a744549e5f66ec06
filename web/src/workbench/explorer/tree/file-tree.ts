import { AppError, type FileChange, type FileEntry } from "@remote-claude/protocol";
import { createStore } from "zustand/vanilla";
import { messageOf } from "../../../lib/errors.ts";
import { ancestorsOf, nameOf } from "./paths.ts";
import {
  applyFailure,
  applyListing,
  applyMove,
  type Directory,
  emptyTree,
  findEntry,
  forgetDirectory,
  missingDirectories,
  setExpanded,
  type Tree,
  touchedDirectories,
} from "./tree-model.ts";

/** Changes come in bursts (a build, a checkout): directories are listed again once they pause. */
const settleMs = 120;

export interface FileTreeOptions {
  list(path: string): Promise<Directory>;
  /** What was opened up when the person was last here. */
  expanded: readonly string[];
  onExpanded(expanded: ReadonlySet<string>): void;
}

/** The tree of one workspace: lists directories as they are opened up, and again when they change. */
export class FileTree {
  readonly store = createStore<Tree>(() => emptyTree);
  readonly #options: FileTreeOptions;
  readonly #loading = new Map<string, Promise<void>>();
  /** Changed again while they were being listed. */
  readonly #stale = new Set<string>();
  readonly #touched = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(options: FileTreeOptions) {
    this.#options = options;
    this.store.setState({ expanded: new Set(options.expanded) });
    this.store.subscribe((tree, before) => {
      if (tree.expanded !== before.expanded) options.onExpanded(tree.expanded);
    });
  }

  /** Lists again all that is known, or the workspace for the first time. Resolves when that is done. */
  async refreshAll(): Promise<void> {
    this.#update((tree) => ({ ...tree, failed: new Map() }));
    const known = [...this.store.getState().directories.keys()];
    await this.refresh(known.length === 0 ? [""] : known);
  }

  async refresh(paths: Iterable<string>): Promise<void> {
    await Promise.all([...paths].map((path) => this.#load(path)));
  }

  /** What the watcher saw. */
  onChanged({ changes, overflow }: { changes: readonly FileChange[]; overflow: boolean }): void {
    const tree = this.store.getState();
    const touched = overflow ? tree.directories.keys() : touchedDirectories(tree, changes);
    for (const path of touched) this.#touched.add(path);
    if (this.#touched.size === 0 || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      const paths = [...this.#touched];
      this.#touched.clear();
      void this.refresh(paths);
    }, settleMs);
  }

  expand(path: string): Promise<void> {
    this.#update((tree) => setExpanded(tree, path, true));
    return this.#loadMissing();
  }

  collapse(path: string): void {
    this.#update((tree) => setExpanded(tree, path, false));
  }

  collapseAll(): void {
    this.#update((tree) => ({ ...tree, expanded: new Set() }));
  }

  moved(from: string, to: string): void {
    this.#update((tree) => applyMove(tree, from, to));
  }

  /**
   * Opens up all that is above a path and says whether it is there. What git ignores is not opened up unless
   * `force` is set: following a file into node_modules would bury the rest.
   */
  async reveal(path: string, force = false): Promise<boolean> {
    for (const directory of ancestorsOf(path)) {
      const { expanded } = this.store.getState();
      const entry = await this.#entry(directory);
      if (entry === null || (entry.ignored && !force && !expanded.has(directory))) return false;
      await this.expand(directory);
    }
    return (await this.#entry(path)) !== null;
  }

  async #entry(path: string): Promise<FileEntry | null> {
    const known = findEntry(this.store.getState(), path);
    if (known !== null) return known;
    // Perhaps it is younger than the listing.
    await this.#load(ancestorsOf(path).at(-1) ?? "");
    return findEntry(this.store.getState(), path);
  }

  #update(change: (tree: Tree) => Tree): void {
    this.store.setState(change, true);
  }

  #load(path: string): Promise<void> {
    const running = this.#loading.get(path);
    if (running !== undefined) {
      this.#stale.add(path);
      return running;
    }
    const loading = this.#list(path).finally(() => this.#loading.delete(path));
    this.#loading.set(path, loading);
    return loading;
  }

  async #list(path: string): Promise<void> {
    do {
      this.#stale.delete(path);
      try {
        const listing = await this.#options.list(path);
        this.#update((tree) => applyListing(tree, path, listing));
      } catch (error) {
        this.#failed(path, error);
      }
    } while (this.#stale.has(path));
    await this.#loadMissing();
  }

  #failed(path: string, error: unknown): void {
    const code = error instanceof AppError ? error.code : "internal";
    if (code === "not_found" && path !== "") this.#update((tree) => forgetDirectory(tree, path));
    // Without a connection the next epoch lists again; what is known stays in view.
    else if (code !== "unavailable" && code !== "agent_unreachable" && code !== "session_not_ready")
      this.#update((tree) =>
        applyFailure(tree, path, `${nameOf(path) || "The workspace"}: ${messageOf(error)}`),
      );
  }

  async #loadMissing(): Promise<void> {
    const missing = missingDirectories(this.store.getState()).filter((path) => !this.#loading.has(path));
    await Promise.all(missing.map((path) => this.#load(path)));
  }
}
