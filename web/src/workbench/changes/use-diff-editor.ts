import type { editor as Monaco } from "monaco-editor/editor/editor.api.js";
import { type RefObject, useEffect, useRef, useState } from "react";
import { minimalEdits } from "../editor/minimal-edits.ts";
import { editor, Range, Uri } from "../editor/monaco.ts";

const options: Monaco.IStandaloneDiffEditorConstructionOptions = {
  theme: "remote-claude",
  automaticLayout: true,
  fontFamily: '"JetBrains Mono Variable", ui-monospace, SFMono-Regular, Menlo, monospace',
  fontSize: 13,
  lineHeight: 20,
  fontLigatures: false,
  readOnly: true,
  originalEditable: false,
  renderSideBySideInlineBreakpoint: 700,
  useInlineViewWhenSpaceIsLimited: true,
  hideUnchangedRegions: { enabled: true, contextLineCount: 4, minimumLineCount: 6, revealLineCount: 20 },
  renderMarginRevertIcon: false,
  renderGutterMenu: false,
  renderOverviewRuler: true,
  scrollBeyondLastLine: false,
  fixedOverflowWidgets: true,
  glyphMargin: true,
  folding: false,
  lineNumbersMinChars: 3,
  minimap: { enabled: false },
  stickyScroll: { enabled: false },
  scrollbar: { alwaysConsumeMouseWheel: false },
  renderLineHighlight: "line",
  renderLineHighlightOnlyWhenFocus: true,
  ariaLabel: "Changes of the file",
};

/** Two versions of a file in one diff editor. New texts of the same file are taken in with few edits. */
export function useDiffEditor(
  element: RefObject<HTMLElement | null>,
  path: string,
  texts: { original: string; current: string },
  look: { sideBySide: boolean; wrap: boolean },
): Monaco.IStandaloneDiffEditor | null {
  const [diff, setDiff] = useState<Monaco.IStandaloneDiffEditor | null>(null);
  const models = useRef<{ original: Monaco.ITextModel; modified: Monaco.ITextModel } | null>(null);
  const first = useRef(texts);
  first.current = texts;
  useEffect(() => {
    if (element.current === null) return;
    const made = editor.createDiffEditor(element.current, options);
    setDiff(made);
    return () => {
      made.dispose();
      setDiff(null);
    };
  }, [element]);
  useEffect(() => {
    if (diff === null) return;
    const make = (scheme: string, text: string) => {
      const uri = Uri.from({ scheme, path: `/${path}` });
      editor.getModel(uri)?.dispose();
      return editor.createModel(text, undefined, uri);
    };
    const made = {
      original: make("before", first.current.original),
      modified: make("after", first.current.current),
    };
    models.current = made;
    diff.setModel(made);
    return () => {
      models.current = null;
      diff.setModel(null);
      made.original.dispose();
      made.modified.dispose();
    };
  }, [diff, path]);
  useEffect(() => {
    if (models.current === null) return;
    update(models.current.original, texts.original);
    update(models.current.modified, texts.current);
  }, [texts.original, texts.current]);
  const { sideBySide, wrap } = look;
  useEffect(() => {
    diff?.updateOptions({ renderSideBySide: sideBySide, diffWordWrap: wrap ? "on" : "off" });
  }, [diff, sideBySide, wrap]);
  return diff;
}

/** Monaco keeps one kind of line end for all lines, so the texts are compared as it would have them. */
function update(model: Monaco.ITextModel, text: string): void {
  const eol = model.getEOL();
  const next = text.replace(/^\ufeff/, "").replace(/\r\n|\r|\n/g, eol);
  const edits = minimalEdits(model.getValue(), next).map(({ start, end, text: inserted }) => ({
    range: Range.fromPositions(model.getPositionAt(start), model.getPositionAt(end)),
    text: inserted,
  }));
  if (edits.length > 0) model.applyEdits(edits);
}
