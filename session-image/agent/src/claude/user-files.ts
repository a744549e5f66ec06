import { lstatSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { AppError, type Payload, type Reply } from "@remote-claude/protocol";
import { etagOf, removeEntry, writeContent } from "../files/content.ts";
import { openFile, WorkspaceRoot } from "../files/workspace-root.ts";
import { withMeaning } from "../lib/system-errors.ts";

const maxBytes = 1024 * 1024;

/**
 * The home's ~/.claude, for what people write there for Claude. The protocol says which paths; here each is resolved
 * and must lie inside, like one of the workspace.
 */
export class UserFiles {
  readonly #home: string;

  constructor(home: string) {
    this.#home = home;
  }

  /** Made where it is not there yet. */
  root(): WorkspaceRoot {
    const path = join(this.#home, ".claude");
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (lstatSync(path).isSymbolicLink())
      throw new AppError("bad_request", "~/.claude is a symbolic link, which is not followed");
    return new WorkspaceRoot(path);
  }

  read({ path }: Payload<"claude.read-file">): Promise<Reply<"claude.read-file">> {
    return withMeaning(path, () =>
      this.root().withTarget(path, async ({ directory, name }) => {
        const handle = await openFile(directory.at(name));
        try {
          if ((await handle.stat()).size > maxBytes)
            throw new AppError("too_large", "the file is too large to be edited here");
          const content = await handle.readFile("utf8");
          return { content, etag: await etagOf(handle) };
        } finally {
          await handle.close();
        }
      }),
    );
  }

  async write({ path, content, ifMatch }: Payload<"claude.write-file">): Promise<Reply<"claude.write-file">> {
    const condition = ifMatch === null ? { ifNoneMatch: "*" } : { ifMatch };
    const bytes = (async function* () {
      yield Buffer.from(content, "utf8");
    })();
    const { etag } = await withMeaning(path, () => writeContent(this.root(), path, bytes, condition));
    if (etag === undefined)
      throw new AppError("internal", "the file was written, and its version is not known");
    return { etag };
  }

  async delete({ path, ifMatch }: Payload<"claude.delete-file">): Promise<Record<string, never>> {
    // A skill is its folder; only what is in it and nobody else's goes.
    await withMeaning(path, () => removeEntry(this.root(), path, ifMatch));
    return {};
  }
}
