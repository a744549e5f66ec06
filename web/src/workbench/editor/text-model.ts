import type { editor as Monaco } from "monaco-editor/editor/editor.api.js";
import { minimalEdits } from "./minimal-edits.ts";
import { editor, Range, Uri } from "./monaco.ts";

/** A file's text in Monaco, what of it is saved, and where one was in it. */
export class TextModel {
  readonly model: Monaco.ITextModel;
  viewState: Monaco.ICodeEditorViewState | null = null;
  #savedVersion: number;
  #applying = false;

  /** `onEdited` is called after each change that a person (not the disk) made. */
  constructor(path: string, text: string, onEdited: () => void) {
    const uri = Uri.from({ scheme: "file", path: `/${path}` });
    editor.getModel(uri)?.dispose();
    this.model = editor.createModel(text, undefined, uri);
    this.#savedVersion = this.model.getAlternativeVersionId();
    this.model.onDidChangeContent(() => {
      if (!this.#applying) onEdited();
    });
  }

  /** As it goes to disk: with its byte order mark and its line ends. */
  get text(): string {
    return this.model.getValue(undefined, true);
  }

  get version(): number {
    return this.model.getAlternativeVersionId();
  }

  get dirty(): boolean {
    return this.version !== this.#savedVersion;
  }

  /** What stood here at that version is on disk now. */
  markSaved(version: number): void {
    this.#savedVersion = version;
  }

  /** Takes another text with as few edits as it can: cursors and scroll stay, and it can be undone. */
  apply(text: string): void {
    const { model } = this;
    const now = text.startsWith("\ufeff") ? text.slice(1) : text;
    const eol = now.includes("\r\n") ? "\r\n" : "\n";
    this.#applying = true;
    try {
      if (eol !== model.getEOL() && now.includes("\n"))
        model.pushEOL(eol === "\n" ? editor.EndOfLineSequence.LF : editor.EndOfLineSequence.CRLF);
      const edits = minimalEdits(model.getValue(), now).map(({ start, end, text: inserted }) => ({
        range: Range.fromPositions(model.getPositionAt(start), model.getPositionAt(end)),
        text: inserted,
      }));
      model.pushStackElement();
      model.pushEditOperations([], edits, () => null);
      model.pushStackElement();
    } finally {
      this.#applying = false;
    }
  }

  dispose(): void {
    this.model.dispose();
  }
}
