import { AppError, ETag } from "@remote-claude/protocol";
import { messageOf } from "../../lib/errors.ts";
import { toast } from "../../lib/toast.ts";
import {
  type DocumentEvent,
  type DocumentState,
  followsDisk,
  nextDocumentState,
  openedDocument,
  saveCondition,
} from "./document-state.ts";
import { Drafts } from "./drafts.ts";
import { takeEarly } from "./early-file.ts";
import { type DocumentView, type EditorStore, isDirty } from "./editor-store.ts";
import { type FileContent, loadFile, saveFile } from "./file-content.ts";
import { TextModel } from "./text-model.ts";

const draftPauseMs = 300;
const notUtf8 = "This file is not UTF-8. It is shown as well as possible and cannot be edited here.";

/** The files that are open: their texts, how these stand to the disk, and what is done about it. */
export class Documents {
  readonly #sessionId: string;
  readonly #store: EditorStore;
  readonly #models = new Map<string, TextModel>();
  readonly #drafts: Drafts;
  readonly #draftTimers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #onEdited: (path: string) => void;
  #warnedOfDrafts = false;

  constructor(options: {
    userId: string;
    sessionId: string;
    store: EditorStore;
    onEdited(path: string): void;
  }) {
    this.#sessionId = options.sessionId;
    this.#store = options.store;
    this.#drafts = new Drafts(options.userId, options.sessionId);
    this.#onEdited = options.onEdited;
  }

  model(path: string): TextModel | null {
    return this.#models.get(path) ?? null;
  }

  state(path: string): DocumentState {
    return this.#store.getState().documents[path]?.state ?? openedDocument(null);
  }

  hasDraft(path: string): boolean {
    return this.#drafts.find(path) !== null;
  }

  /** Reads a file for the first time; `large` when someone has said that its size is no matter. */
  async load(path: string, large = false): Promise<void> {
    this.#set(path, { kind: "loading" }, openedDocument(null));
    try {
      const early = takeEarly(this.#sessionId, path);
      const content = await (early ?? loadFile(this.#sessionId, path, { large }));
      if (content !== null && this.#isOpen(path)) this.#show(path, content);
      // Nobody listened for changes yet when it was asked for.
      if (early !== null) await this.check(path);
    } catch (error) {
      if (!this.#isOpen(path)) return;
      const draft = this.#drafts.find(path);
      if (draft !== null && error instanceof AppError && error.code === "not_found") {
        this.#openText(path, "", null, null);
        this.#restoreDraft(path, null);
        this.#advance(path, { kind: "disk-deleted" });
        return;
      }
      this.#set(path, { kind: "error", message: messageOf(error) }, openedDocument(null));
    }
  }

  #show(path: string, content: FileContent): void {
    switch (content.kind) {
      case "text":
        this.#openText(path, content.text, content.etag, content.valid ? null : notUtf8);
        if (content.valid) this.#restoreDraft(path, content.etag);
        return;
      case "image": {
        const url = URL.createObjectURL(content.blob);
        this.#set(path, { kind: "image", url, size: content.blob.size }, openedDocument(content.etag));
        return;
      }
      case "binary":
        this.#set(path, { kind: "binary", size: content.size }, openedDocument(content.etag));
        return;
      case "large":
        this.#set(path, content, openedDocument(null));
    }
  }

  #openText(path: string, text: string, etag: string | null, readOnly: string | null): void {
    this.#models.get(path)?.dispose();
    this.#models.set(path, new TextModel(path, text, () => this.#edited(path)));
    this.#set(path, { kind: "text", readOnly }, openedDocument(etag));
  }

  #restoreDraft(path: string, etag: string | null): void {
    const draft = this.#drafts.find(path);
    const model = this.#models.get(path);
    if (draft === null || model === undefined) return;
    if (draft.text === model.text) {
      this.#drafts.forget(path);
      return;
    }
    model.apply(draft.text);
    this.#advance(path, { kind: "edited", dirty: true });
    if (draft.base === etag || etag === null) return;
    const { view, state } = this.#store.getState().documents[path] ?? {};
    if (view === undefined || state === undefined) return;
    this.#set(path, view, nextDocumentState({ ...state, base: draft.base }, { kind: "disk-changed", etag }));
  }

  #edited(path: string): void {
    const model = this.#models.get(path);
    if (model === undefined) return;
    if (model.dirty !== this.state(path).dirty) this.#advance(path, { kind: "edited", dirty: model.dirty });
    this.#onEdited(path);
    clearTimeout(this.#draftTimers.get(path));
    this.#draftTimers.set(
      path,
      setTimeout(() => this.#keepDraft(path), draftPauseMs),
    );
  }

  #keepDraft(path: string): void {
    clearTimeout(this.#draftTimers.get(path));
    this.#draftTimers.delete(path);
    const model = this.#models.get(path);
    const state = this.state(path);
    if (model === undefined) return;
    if (!state.dirty) {
      this.#drafts.forget(path);
      return;
    }
    const kept = this.#drafts.keep(path, { base: state.base, text: model.text });
    if (kept || this.#warnedOfDrafts) return;
    this.#warnedOfDrafts = true;
    toast.warning("The browser has no room to keep your unsaved edits. Save them before you leave the page.");
  }

  /** Writes what is still on its way into the browser's memory; before the page goes. */
  flushDrafts(): void {
    for (const path of [...this.#draftTimers.keys()]) this.#keepDraft(path);
  }

  /** Writes the file, unless another version than ours is on disk: then a person must choose. */
  async save(path: string): Promise<boolean> {
    const model = this.#models.get(path);
    const state = this.state(path);
    const view = this.#store.getState().documents[path]?.view;
    if (model === undefined || state.saving || view?.kind !== "text" || view.readOnly !== null) return false;
    if (!state.dirty && !state.deleted) return true;
    const version = model.version;
    this.#advance(path, { kind: "save-started" });
    try {
      const etag = await saveFile(this.#sessionId, path, model.text, saveCondition(state));
      if (this.#models.get(path) !== model) return true;
      model.markSaved(version);
      this.#advance(path, { kind: "saved", etag, dirty: model.dirty });
      this.#keepDraft(path);
      return true;
    } catch (error) {
      this.#saveFailed(path, error);
      return false;
    }
  }

  #saveFailed(path: string, error: unknown): void {
    if (error instanceof AppError && error.code === "precondition_failed") {
      const etag = ETag.safeParse(error.details?.etag).data ?? null;
      this.#advance(path, { kind: "save-refused", etag });
      if (etag === null) this.#advance(path, { kind: "disk-deleted" });
      return;
    }
    this.#advance(path, { kind: "save-failed" });
    toast.error(`${path.slice(path.lastIndexOf("/") + 1)} could not be saved`, {
      description: messageOf(error),
    });
  }

  /** Writes over the version that stands against ours. */
  async overwrite(path: string): Promise<void> {
    this.keepMine(path);
    await this.save(path);
  }

  keepMine(path: string): void {
    this.#advance(path, { kind: "kept" });
    this.#keepDraft(path);
  }

  /** Takes what is on disk; the edits made here can be had back with undo. */
  async takeTheirs(path: string): Promise<void> {
    try {
      const content = await loadFile(this.#sessionId, path, { large: true });
      if (content?.kind !== "text") {
        if (content !== null) this.#show(path, content);
        return;
      }
      this.#take(path, content.text, content.etag);
    } catch (error) {
      toast.error(messageOf(error));
    }
  }

  #take(path: string, text: string, etag: string): void {
    const model = this.#models.get(path);
    if (model === undefined) return;
    model.apply(text);
    model.markSaved(model.version);
    this.#advance(path, { kind: "taken", etag });
    this.#drafts.forget(path);
  }

  /** The text on disk, to compare ours with. */
  async diskText(path: string): Promise<string> {
    const content = await loadFile(this.#sessionId, path, { large: true });
    if (content?.kind !== "text") throw new AppError("conflict", "The file on disk is no text any more.");
    return content.text;
  }

  /** Looks whether the file on disk is another one than the one we know, and does what follows from it. */
  async check(path: string): Promise<void> {
    const document = this.#store.getState().documents[path];
    if (document === undefined || document.view.kind === "loading" || document.state.saving) return;
    if (document.view.kind === "error" || document.view.kind === "large") return this.load(path);
    try {
      const content = await loadFile(this.#sessionId, path, { etag: document.state.disk, large: true });
      if (content === null || !this.#isOpen(path) || this.state(path).saving) return;
      // Saved meanwhile: what we read may be the version before.
      if (this.state(path).base === document.state.base) this.#diskIs(path, content);
      else await this.check(path);
    } catch (error) {
      if (error instanceof AppError && error.code === "not_found" && this.#isOpen(path))
        this.#advance(path, { kind: "disk-deleted" });
    }
  }

  #diskIs(path: string, content: FileContent): void {
    const model = this.#models.get(path);
    if (model === undefined || content.kind !== "text" || !content.valid) {
      if (!isDirty(this.#store.getState().documents[path])) this.#show(path, content);
      return;
    }
    if (followsDisk(this.state(path)) || model.text === content.text) {
      this.#take(path, content.text, content.etag);
    } else this.#advance(path, { kind: "disk-changed", etag: content.etag });
  }

  /** Forgets a file; with its draft, unless that is to come back. */
  close(path: string, keepDraft = false): void {
    if (keepDraft) this.#keepDraft(path);
    clearTimeout(this.#draftTimers.get(path));
    this.#draftTimers.delete(path);
    if (!keepDraft) this.#drafts.forget(path);
    this.#models.get(path)?.dispose();
    this.#models.delete(path);
    const { [path]: closed, ...documents } = this.#store.getState().documents;
    if (closed?.view.kind === "image") URL.revokeObjectURL(closed.view.url);
    this.#store.setState({ documents });
  }

  /** Takes a draft along to the file's new name. */
  moveDraft(from: string, to: string): void {
    const draft = this.#drafts.find(from);
    if (draft === null) return;
    this.#drafts.keep(to, draft);
    this.#drafts.forget(from);
  }

  dispose(): void {
    this.flushDrafts();
    for (const model of this.#models.values()) model.dispose();
    this.#models.clear();
  }

  #isOpen(path: string): boolean {
    return path in this.#store.getState().documents;
  }

  #advance(path: string, event: DocumentEvent): void {
    const document = this.#store.getState().documents[path];
    if (document !== undefined) this.#set(path, document.view, nextDocumentState(document.state, event));
  }

  #set(path: string, view: DocumentView, state: DocumentState): void {
    this.#store.setState(({ documents }) => {
      const before = documents[path]?.view;
      if (before?.kind === "image" && before !== view) URL.revokeObjectURL(before.url);
      return { documents: { ...documents, [path]: { view, state } } };
    });
  }
}
