import type { editor as Monaco } from "monaco-editor/editor/editor.api.js";
import { type RefObject, useEffect, useRef, useState } from "react";
import { minimalEdits } from "../editor/minimal-edits.ts";
import { editor, Range, Uri } from "../editor/monaco.ts";
import { isPhone } from "../use-is-phone.ts";

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
  occurrencesHighlight: "off",
  selectionHighlight: false,
};

/** Monaco takes the names of the two away whenever other options change, so each is given its own again. */
function nameSides(diff: Monaco.IStandaloneDiffEditor): void {
  const name = (code: Monaco.ICodeEditor, ariaLabel: string) => {
    const ensure = () => {
      if (code.getRawOptions().ariaLabel !== ariaLabel) code.updateOptions({ ariaLabel });
    };
    ensure();
    code.onDidChangeConfiguration(ensure);
  };
  name(diff.getOriginalEditor(), "The file before");
  name(diff.getModifiedEditor(), "The file now");
}

interface Models {
  readonly original: Monaco.ITextModel;
  readonly modified: Monaco.ITextModel;
}

function makeModels(path: string, texts: { original: string; current: string }): Models {
  const make = (scheme: string, text: string) => {
    const uri = Uri.from({ scheme, path: `/${path}` });
    editor.getModel(uri)?.dispose();
    return editor.createModel(text, undefined, uri);
  };
  return { original: make("before", texts.original), modified: make("after", texts.current) };
}

/** Two versions of a file in one diff editor. New texts of the same file are taken in with few edits. */
export function useDiffEditor(
  element: RefObject<HTMLElement | null>,
  path: string,
  texts: { original: string; current: string },
  look: { sideBySide: boolean },
): Monaco.IStandaloneDiffEditor | null {
  const [diff, setDiff] = useState<Monaco.IStandaloneDiffEditor | null>(null);
  const models = useRef<Models | null>(null);
  const latest = useRef(texts);
  latest.current = texts;
  useEffect(() => {
    if (element.current === null) return;
    // On a phone every pixel of the width counts.
    const made = editor.createDiffEditor(element.current, { ...options, renderOverviewRuler: !isPhone() });
    const both = makeModels(path, latest.current);
    models.current = both;
    made.setModel(both);
    nameSides(made);
    setDiff(made);
    return () => {
      models.current = null;
      made.dispose();
      both.original.dispose();
      both.modified.dispose();
      setDiff(null);
    };
  }, [element, path]);
  useEffect(() => {
    if (models.current === null) return;
    update(models.current.original, texts.original);
    update(models.current.modified, texts.current);
  }, [texts.original, texts.current]);
  const { sideBySide } = look;
  useEffect(() => diff?.updateOptions({ renderSideBySide: sideBySide }), [diff, sideBySide]);
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
