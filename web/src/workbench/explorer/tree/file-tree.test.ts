import { AppError, type FileEntry } from "@remote-claude/protocol";
import { describe, expect, it, vi } from "vitest";
import { FileTree } from "./file-tree.ts";
import type { Directory } from "./tree-model.ts";

/** A workspace in memory: directories by path, with the names in them; a slash at the end means a directory. */
class Workspace {
  readonly content = new Map<string, string[]>();
  readonly asked: string[] = [];
  readonly ignored = new Set<string>();
  failure: AppError | null = null;
  /** Listings wait for this. */
  gate: Promise<void> = Promise.resolve();

  list = async (path: string): Promise<Directory> => {
    this.asked.push(path);
    const names = this.content.get(path);
    await this.gate;
    if (this.failure !== null) throw this.failure;
    if (names === undefined) throw new AppError("not_found", "it is gone");
    const entries = names.map((text): FileEntry => {
      const name = text.replace(/\/$/, "");
      return {
        ...{ name, path: path === "" ? name : `${path}/${name}`, symlink: false, size: 0 },
        type: text.endsWith("/") ? "directory" : "file",
        modifiedAt: "2026-11-20T00:00:00.000Z",
        ignored: this.ignored.has(name),
      };
    });
    return { entries, truncated: false };
  };
}

function build(expanded: string[] = []) {
  const workspace = new Workspace();
  workspace.content.set("", ["src/", "node_modules/", "README.md"]);
  workspace.content.set("src", ["lib/", "a.ts"]);
  workspace.content.set("src/lib", ["b.ts"]);
  workspace.content.set("node_modules", ["foo/"]);
  workspace.content.set("node_modules/foo", ["i.js"]);
  workspace.ignored.add("node_modules");
  const remembered = vi.fn<(expanded: ReadonlySet<string>) => void>();
  const tree = new FileTree({ list: workspace.list, expanded, onExpanded: remembered });
  const listed = () => [...tree.store.getState().directories.keys()];
  return { workspace, tree, remembered, listed };
}

describe("the tree of a workspace", () => {
  it("lists nothing but the top at first, and a directory when it is opened up", async () => {
    const { tree, workspace, listed } = build();
    await tree.refreshAll();
    expect(workspace.asked).toEqual([""]);
    await tree.expand("src");
    expect(listed()).toEqual(["", "src"]);
  });

  it("opens up what was open before, from the top down", async () => {
    const { tree, workspace } = build(["src/lib", "src", "gone"]);
    await tree.refreshAll();
    expect(workspace.asked).toEqual(["", "src", "src/lib"]);
    expect([...tree.store.getState().expanded].sort()).toEqual(["src", "src/lib"]);
  });

  it("tells what is open, so that it can be remembered", async () => {
    const { tree, remembered } = build();
    await tree.refreshAll();
    await tree.expand("src");
    expect([...(remembered.mock.lastCall?.[0] ?? [])]).toEqual(["src"]);
    tree.collapseAll();
    expect(remembered.mock.lastCall?.[0].size).toBe(0);
  });

  it("lists a directory again after a change in it, and only that one", async () => {
    const { tree, workspace } = build(["src"]);
    await tree.refreshAll();
    workspace.asked.length = 0;
    workspace.content.set("src", ["lib/", "a.ts", "new.ts"]);
    tree.onChanged({ changes: [{ path: "src/new.ts", type: "created" }], overflow: false });
    await vi.waitFor(() => expect(tree.store.getState().directories.get("src")?.entries).toHaveLength(3));
    expect(workspace.asked).toEqual(["src"]);
  });

  it("lists all it knows again when the watcher could not follow", async () => {
    const { tree, workspace } = build(["src"]);
    await tree.refreshAll();
    workspace.asked.length = 0;
    tree.onChanged({ changes: [], overflow: true });
    await vi.waitFor(() => expect(workspace.asked.sort()).toEqual(["", "src"]));
  });

  it("lists once more what changed while it was being listed", async () => {
    const { tree, workspace } = build();
    let open = () => undefined as undefined;
    workspace.gate = new Promise((resolve) => {
      open = () => void resolve();
    });
    const first = tree.refresh([""]);
    workspace.content.set("", ["late.txt"]);
    const second = tree.refresh([""]);
    open();
    await Promise.all([first, second]);
    expect(
      tree.store
        .getState()
        .directories.get("")
        ?.entries.map(({ name }) => name),
    ).toEqual(["late.txt"]);
  });

  it("keeps what it shows while the session cannot be reached", async () => {
    const { tree, workspace, listed } = build(["src"]);
    await tree.refreshAll();
    workspace.failure = new AppError("agent_unreachable", "no agent");
    await tree.refreshAll();
    expect(listed()).toEqual(["", "src"]);
    expect(tree.store.getState().failed.size).toBe(0);
  });

  it("says why a directory could not be listed", async () => {
    const { tree, workspace } = build();
    await tree.refreshAll();
    workspace.failure = new AppError("forbidden", "no permission");
    await tree.expand("src");
    expect(tree.store.getState().failed.get("src")).toBe("src: no permission");
  });

  it("forgets a directory that went while it was being opened up", async () => {
    const { tree, workspace } = build();
    await tree.refreshAll();
    workspace.content.delete("src");
    await tree.expand("src");
    expect(tree.store.getState().expanded.size).toBe(0);
    expect(tree.store.getState().failed.size).toBe(0);
  });

  it("opens up what is above a file, but does not follow into what git ignores", async () => {
    const { tree } = build();
    await tree.refreshAll();
    expect(await tree.reveal("src/lib/b.ts")).toBe(true);
    expect([...tree.store.getState().expanded]).toEqual(["src", "src/lib"]);
    expect(await tree.reveal("node_modules/foo/i.js")).toBe(false);
    expect(await tree.reveal("node_modules/foo/i.js", true)).toBe(true);
    expect(await tree.reveal("src/none.ts")).toBe(false);
  });

  it("finds a file that is younger than the listing", async () => {
    const { tree, workspace } = build(["src"]);
    await tree.refreshAll();
    workspace.content.set("src", ["lib/", "a.ts", "young.ts"]);
    expect(await tree.reveal("src/young.ts")).toBe(true);
  });
});
