import { AppError, type ChangeBase, type ChangedFile, type Handlers } from "@remote-claude/protocol";
import type { AgentContext, AgentServices } from "../context.ts";
import type { WorkspaceRoot } from "../files/workspace-root.ts";
import { withMeaning } from "../lib/system-errors.ts";
import { commit } from "./commit.ts";
import { CommitBase } from "./commit-base.ts";
import { ConversationBase } from "./conversation-base.ts";
import { Git } from "./git.ts";
import { Originals } from "./originals.ts";
import { revert } from "./revert.ts";
import { readCurrent, toSide, type Version } from "./sides.ts";

type ChangesCommand = Extract<keyof Handlers<"agent", AgentContext>, `changes.${string}`>;
type ChangesHandlers = Pick<Handlers<"agent", AgentContext>, ChangesCommand>;

const maxFiles = 5_000;
/** Of all paths of a listing together, so that it fits a frame. */
const maxListedBytes = 2 * 1024 * 1024;

/** What was changed, against the last commit or before Claude's edits: to look at, to take back, to commit. */
export function createChanges(
  services: AgentServices,
  root: WorkspaceRoot,
  gitAvailable: boolean,
): { handlers: ChangesHandlers; originals: Originals } {
  const { stateDirectory } = services.config;
  const git = new Git(services, root, gitAvailable);
  const commits = new CommitBase(git, root, stateDirectory);
  const originals = new Originals(root, stateDirectory);
  const conversations = new ConversationBase(originals, root);
  const listings = new Map<string, Listing>();
  const readOriginal = (base: ChangeBase, path: string): Promise<Version> =>
    base.kind === "commit" ? commits.read(path) : conversations.read(base.conversationId, path);
  const list = (base: ChangeBase): Promise<ChangedFile[]> => {
    const key = JSON.stringify(base);
    const listing =
      listings.get(key) ??
      new Listing(() => (base.kind === "commit" ? commits.list() : conversations.list(base.conversationId)));
    listings.set(key, listing);
    return listing.get().finally(() => {
      if (listing.idle && listings.get(key) === listing) listings.delete(key);
    });
  };
  const assertRepository = async () => {
    if (!gitAvailable) throw new AppError("unavailable", "this session has no git");
    if (!(await git.isRepository())) throw new AppError("conflict", "the workspace is no git repository");
  };
  const handlers: ChangesHandlers = {
    "changes.list": async ({ base }) => {
      const repository = await commits.repository();
      const files = base.kind === "commit" && repository === null ? [] : await list(base);
      return { repository, gitAvailable, ...bounded(files) };
    },
    "changes.read": ({ base, path, from }) =>
      withMeaning(path, async () => ({
        original: toSide(await readOriginal(base, from ?? path)),
        current: toSide(await readCurrent(root, path)),
      })),
    "changes.revert": (request) =>
      withMeaning(request.path, async () => {
        await revert(root, request, await readOriginal(request.base, request.from ?? request.path));
        return {};
      }),
    "changes.commit": async (request) => {
      await assertRepository();
      return commit(git, stateDirectory, request);
    },
    "changes.init": async () => {
      if (!gitAvailable) throw new AppError("unavailable", "this session has no git");
      if (await git.isRepository()) return {};
      // The person's own word for the first branch counts; git's is an old one.
      const named = await git.find(["config", "init.defaultBranch"]);
      await git.look(["init", "--quiet", ...(named ? [] : ["--initial-branch=main"])]);
      return {};
    },
  };
  return { handlers, originals };
}

/** One listing at a time: those who ask while one is made share the next, which sees what has changed meanwhile. */
class Listing {
  readonly #make: () => Promise<ChangedFile[]>;
  #running: Promise<ChangedFile[]> | null = null;
  #next: Promise<ChangedFile[]> | null = null;

  constructor(make: () => Promise<ChangedFile[]>) {
    this.#make = make;
  }

  get idle(): boolean {
    return this.#running === null;
  }

  get(): Promise<ChangedFile[]> {
    if (this.#running === null) return this.#start();
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = null;
        return this.#start();
      });
    return this.#next;
  }

  #start(): Promise<ChangedFile[]> {
    const made = this.#make().finally(() => {
      if (this.#running === made) this.#running = null;
    });
    this.#running = made;
    return made;
  }
}

function bounded(all: readonly ChangedFile[]): { files: ChangedFile[]; truncated: boolean } {
  const files: ChangedFile[] = [];
  let bytes = 0;
  for (const file of [...all].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    bytes += JSON.stringify(file).length;
    if (files.length >= maxFiles || bytes > maxListedBytes) return { files, truncated: true };
    files.push(file);
  }
  return { files, truncated: false };
}
