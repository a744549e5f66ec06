import type { FileChange } from "@remote-claude/protocol";
import { messageOf } from "../../lib/errors.ts";
import { live } from "../../lib/live.ts";
import { sessionWatches, type WatchedSession } from "../../lib/session-watch.ts";
import { toast } from "../../lib/toast.ts";
import { onMoved } from "../explorer/files/moves.ts";
import { type OpenRequest, takeOpenRequests, useWorkbench } from "../store.ts";
import { Documents } from "./documents.ts";
import { createEditorStore, type EditorStore, isDirty } from "./editor-store.ts";
import { readTabs, writeTabs } from "./remembered-tabs.ts";
import { closeTabs, moveTab, openTab, pinTab, renameTabs, type Tabs } from "./tabs.ts";

/** Whether files can be asked for. */
const isThere = ({ session, agent }: WatchedSession) => session?.state === "running" && agent !== null;

/** Where to go in a file, and whether the keyboard goes there too. */
export interface Reveal extends OpenRequest {
  focus: boolean;
}

/** The editor of one session: its tabs and documents. It outlives its components (a turned phone draws others). */
export class EditorSession {
  readonly store: EditorStore = createEditorStore();
  readonly documents: Documents;
  readonly #userId: string;
  readonly sessionId: string;
  readonly #ends: (() => void)[] = [];
  readonly #reveals = new Map<string, Reveal>();

  constructor(userId: string, sessionId: string) {
    this.#userId = userId;
    this.sessionId = sessionId;
    this.documents = new Documents({
      userId,
      sessionId,
      store: this.store,
      onEdited: (path) => this.pin(path),
    });
    this.#restore();
    this.#listen();
  }

  #restore(): void {
    const remembered = readTabs(this.#userId, this.sessionId);
    this.store.setState({ tabs: { ...remembered, history: remembered.paths } });
    for (const path of remembered.paths) {
      // The others are read when they are looked at.
      if (path === remembered.active || this.documents.hasDraft(path)) void this.documents.load(path);
    }
  }

  #listen(): void {
    const flush = () => this.documents.flushDrafts();
    window.addEventListener("pagehide", flush);
    this.#ends.push(
      () => window.removeEventListener("pagehide", flush),
      this.store.subscribe((state, before) => {
        if (state.tabs !== before.tabs) writeTabs(this.#userId, this.sessionId, state.tabs);
        if (state.documents !== before.documents) this.#tellDirty();
        if (state.tabs.active !== before.tabs.active)
          useWorkbench.setState({ activeFile: state.tabs.active });
      }),
      useWorkbench.subscribe((state, before) => {
        if (state.openRequests !== before.openRequests && state.openRequests.length > 0) this.takeRequests();
      }),
      live.on("file.changed", this.sessionId, ({ changes, overflow }) =>
        this.#filesChanged(changes, overflow),
      ),
      onMoved(({ from, to }) => this.moved(from, to)),
      sessionWatches.store(this.sessionId).subscribe((state, before) => {
        // What happened while nobody told us?
        const again = state.epoch !== before.epoch || !isThere(before);
        if (again && before.epoch > 0) this.#filesChanged([], true);
      }),
    );
    useWorkbench.setState({ activeFile: this.store.getState().tabs.active });
    this.takeRequests();
  }

  #tellDirty(): void {
    const { documents, tabs } = this.store.getState();
    const dirtyFiles = tabs.paths.filter((path) => isDirty(documents[path]));
    const before = useWorkbench.getState().dirtyFiles;
    if (dirtyFiles.join("\0") !== before.join("\0")) useWorkbench.setState({ dirtyFiles });
  }

  #filesChanged(changes: readonly FileChange[], overflow: boolean): void {
    // While a session stops nobody may be asked; once it is resumed, everything is looked at.
    if (!isThere(sessionWatches.store(this.sessionId).getState())) return;
    for (const path of Object.keys(this.store.getState().documents)) {
      const mine = changes.filter(
        (change) => change.path === path || (change.type === "deleted" && path.startsWith(`${change.path}/`)),
      );
      if (overflow || mine.length > 0) void this.documents.check(path);
    }
  }

  /** Opens what the rest of the workbench has asked for. */
  takeRequests(): void {
    for (const request of takeOpenRequests()) this.open(request);
  }

  /** A file that is only looked at (`preview`) leaves the keyboard where it is: in the explorer, mostly. */
  open(request: OpenRequest, focus: boolean = request.preview !== true): void {
    const { path, preview = false } = request;
    const before = this.store.getState().tabs;
    const tabs = openTab(before, path, preview);
    for (const gone of before.paths) if (!tabs.paths.includes(gone)) this.documents.close(gone);
    this.#reveals.set(path, { ...request, focus });
    this.store.setState(({ reveals }) => ({ tabs, reveals: reveals + 1 }));
    this.ensureLoaded(path);
  }

  ensureLoaded(path: string): void {
    const document = this.store.getState().documents[path];
    if (document === undefined || document.view.kind === "error") void this.documents.load(path);
  }

  /** Where someone asked to go in this file; once. */
  takeReveal(path: string): Reveal | null {
    const request = this.#reveals.get(path) ?? null;
    this.#reveals.delete(path);
    return request;
  }

  activate(path: string): void {
    this.open({ path, preview: this.store.getState().tabs.preview === path }, true);
  }

  pin(path: string): void {
    this.#tabs((tabs) => pinTab(tabs, path));
  }

  move(path: string, before: string | null): void {
    this.#tabs((tabs) => moveTab(tabs, path, before));
  }

  /** Closes tabs; asks first about those with edits. */
  close(paths: readonly string[]): void {
    const { documents } = this.store.getState();
    const edited = paths.filter((path) => isDirty(documents[path]));
    this.#close(paths.filter((path) => !edited.includes(path)));
    if (edited.length > 0) this.store.setState({ closing: edited });
  }

  /** The answer to the question that `close` asks. */
  async answerClosing(answer: "save" | "discard" | "cancel"): Promise<void> {
    const paths = this.store.getState().closing ?? [];
    this.store.setState({ closing: null });
    if (answer === "cancel") return;
    if (answer === "discard") return this.#close(paths);
    for (const path of paths) if (await this.documents.save(path)) this.#close([path]);
  }

  #close(paths: readonly string[]): void {
    if (paths.length === 0) return;
    const closed = new Set(paths);
    this.#tabs((tabs) => closeTabs(tabs, closed));
    for (const path of paths) this.documents.close(path);
    const { comparing, tabs } = this.store.getState();
    if (comparing !== null && closed.has(comparing.path)) this.store.setState({ comparing: null });
    if (tabs.active !== null) this.ensureLoaded(tabs.active);
  }

  async saveAll(): Promise<void> {
    const { documents } = this.store.getState();
    for (const path of Object.keys(documents)) if (isDirty(documents[path])) await this.documents.save(path);
  }

  async compare(path: string): Promise<void> {
    try {
      this.store.setState({ comparing: { path, disk: await this.documents.diskText(path) } });
    } catch (error) {
      toast.error(messageOf(error));
    }
  }

  /** A file or directory was moved: tabs and unsaved edits go with it. */
  moved(from: string, to: string): void {
    const rename = (path: string) =>
      path === from || path.startsWith(`${from}/`) ? to + path.slice(from.length) : path;
    const { paths, active } = this.store.getState().tabs;
    const moved = paths.filter((path) => rename(path) !== path);
    if (moved.length === 0) return;
    for (const path of moved) {
      this.documents.close(path, isDirty(this.store.getState().documents[path]));
      this.documents.moveDraft(path, rename(path));
    }
    this.#tabs((tabs) => renameTabs(tabs, rename));
    for (const path of moved)
      if (path === active || this.documents.hasDraft(rename(path))) void this.documents.load(rename(path));
  }

  dispose(): void {
    for (const end of this.#ends) end();
    this.documents.dispose();
  }

  #tabs(change: (tabs: Tabs) => Tabs): void {
    this.store.setState(({ tabs }) => ({ tabs: change(tabs) }));
  }
}

let current: { key: string; session: EditorSession } | null = null;

/** The page's editor session: one at a time, the same one however often its pane is drawn. */
export function editorSession(userId: string, sessionId: string): EditorSession {
  const key = `${userId}/${sessionId}`;
  if (current?.key !== key) {
    current?.session.dispose();
    current = { key, session: new EditorSession(userId, sessionId) };
  }
  return current.session;
}
