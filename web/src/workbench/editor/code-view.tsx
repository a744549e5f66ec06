"use client";

import type { editor as Monaco } from "monaco-editor/editor/editor.api.js";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import { openFile, registerFocus, type TextFormat, useWorkbench } from "../store.ts";
import { useIsPhone } from "../use-is-phone.ts";
import type { EditorSession } from "./editor-session.ts";
import { languageName, editor as monaco } from "./monaco.ts";

const options: Monaco.IStandaloneEditorConstructionOptions = {
  theme: "remote-claude",
  automaticLayout: true,
  fontFamily: '"JetBrains Mono Variable", monospace',
  fontSize: 13,
  lineHeight: 20,
  fontLigatures: false,
  // From when the text is there.
  minimap: { enabled: false, renderCharacters: false, maxColumn: 80 },
  smoothScrolling: true,
  scrollBeyondLastLine: true,
  padding: { top: 4 },
  stickyScroll: { enabled: true },
  bracketPairColorization: { enabled: true },
  guides: { indentation: true, bracketPairs: "active" },
  renderLineHighlight: "all",
  fixedOverflowWidgets: true,
  linkedEditing: true,
  tabSize: 2,
  detectIndentation: true,
  quickSuggestions: { other: true, comments: false, strings: false },
  // Monaco would ask for the locale by making a number format: language data that nothing else needs by then.
  unicodeHighlight: { allowedLocales: { [navigator.language]: true } },
  ariaLabel: "Editor content",
};

function describe(model: Monaco.ITextModel): TextFormat {
  const { insertSpaces, indentSize, tabSize } = model.getOptions();
  const indentation = insertSpaces ? `Spaces: ${indentSize}` : `Tab size: ${tabSize}`;
  return {
    indentation,
    lineEnd: model.getEOL() === "\n" ? "LF" : "CRLF",
    language: languageName(model.getLanguageId()),
  };
}

/** Tells the workbench what is selected, for the status bar and for Claude. */
function tellSelection(code: Monaco.IStandaloneCodeEditor, path: string): void {
  const [model, selection] = [code.getModel(), code.getSelection()];
  if (model === null || selection === null) return;
  const { lineNumber, column } = selection.getPosition();
  const selected = model.getValueLengthInRange(selection);
  // The line below a selection of whole lines is not part of it.
  const endLine =
    selection.endColumn === 1 && selection.endLineNumber > selection.startLineNumber
      ? selection.endLineNumber - 1
      : selection.endLineNumber;
  useWorkbench.setState({
    cursor: { line: lineNumber, column, selected },
    selection:
      selected === 0
        ? null
        : { path, startLine: selection.startLineNumber, endLine, text: model.getValueInRange(selection) },
  });
}

function tellNothing(): void {
  useWorkbench.setState({ cursor: null, selection: null, format: null });
}

/** Makes the one code editor of the pane; it shows one model after the other. */
function useCodeEditor(element: React.RefObject<HTMLDivElement | null>) {
  const [code, setCode] = useState<Monaco.IStandaloneCodeEditor | null>(null);
  // Before anything is painted, so that the model follows at once.
  useLayoutEffect(() => {
    if (element.current === null) return;
    const made = monaco.create(element.current, { ...options, model: null });
    setCode(made);
    return () => {
      made.dispose();
      tellNothing();
    };
  }, [element]);
  return code;
}

/** Shows the active file's text where it was left, and goes to where someone asked. */
function useActiveModel(code: Monaco.IStandaloneCodeEditor | null, editor: EditorSession, writable: boolean) {
  const active = useStore(editor.store, ({ tabs }) => tabs.active);
  const view = useStore(editor.store, ({ documents }) =>
    active === null ? undefined : documents[active]?.view,
  );
  const reveals = useStore(editor.store, (state) => state.reveals);
  const text = active !== null && view?.kind === "text" ? view : null;
  useEffect(() => {
    const shown = active === null || text === null ? null : editor.documents.model(active);
    if (code === null) return;
    if (shown === null || active === null) {
      code.setModel(null);
      tellNothing();
      return;
    }
    code.setModel(shown.model);
    code.restoreViewState(shown.viewState);
    code.updateOptions({ readOnly: !writable || text?.readOnly !== null });
    const tellFormat = () => useWorkbench.setState({ format: describe(shown.model) });
    tellFormat();
    tellSelection(code, active);
    const ends = [
      code.onDidChangeCursorSelection(() => tellSelection(code, active)),
      shown.model.onDidChangeLanguage(tellFormat),
      shown.model.onDidChangeOptions(tellFormat),
    ];
    return () => {
      for (const end of ends) end.dispose();
      if (!shown.model.isDisposed()) shown.viewState = code.saveViewState();
    };
  }, [code, editor, active, text, writable]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each request counts, to the same place too
  useEffect(() => {
    if (code === null || active === null || text === null) return;
    const request = editor.takeReveal(active);
    if (request === null) return;
    const { line, column = 1, endLine } = request;
    if (line !== undefined) {
      code.setSelection({
        startLineNumber: line,
        startColumn: column,
        endLineNumber: endLine ?? line,
        endColumn: endLine === undefined ? column : Number.MAX_SAFE_INTEGER,
      });
      code.revealLinesInCenterIfOutsideViewport(line, endLine ?? line);
    }
    if (request.focus) code.focus();
  }, [code, editor, active, text, reveals]);
}

/** Whether what is shown has been painted; once it was, it stays so. */
function useDrawn(shown: boolean): boolean {
  const [drawn, setDrawn] = useState(false);
  useEffect(() => {
    if (!shown) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const frame = requestAnimationFrame(() => {
      timer = setTimeout(() => setDrawn(true));
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, [shown]);
  return drawn;
}

/** The text of the file in front. */
export function CodeView({ editor, writable }: { editor: EditorSession; writable: boolean }) {
  const element = useRef<HTMLDivElement>(null);
  const code = useCodeEditor(element);
  useActiveModel(code, editor, writable);
  const wordWrap = useStore(editor.store, (state) => state.wordWrap);
  useEffect(() => code?.updateOptions({ wordWrap: wordWrap ? "on" : "off" }), [code, wordWrap]);
  const shown = useStore(editor.store, ({ tabs, documents }) =>
    tabs.active === null ? false : documents[tabs.active]?.view.kind === "text",
  );
  // The minimap and the focus take as long as the text itself, which comes first.
  const drawn = useDrawn(code !== null && shown);
  // On a phone it would lie over the ends of the lines.
  const phone = useIsPhone() === true;
  useEffect(
    () => code?.updateOptions({ minimap: { ...options.minimap, enabled: drawn && !phone } }),
    [code, drawn, phone],
  );
  useEffect(
    () => (code === null || !drawn ? undefined : registerFocus("editor", () => code.focus())),
    [code, drawn],
  );
  useEffect(() => {
    // "Go to definition" into another file.
    const opener = monaco.registerEditorOpener({
      openCodeEditor: (_, resource, at) => {
        const line = at === undefined ? undefined : "lineNumber" in at ? at.lineNumber : at.startLineNumber;
        openFile(resource.path.slice(1), line === undefined ? {} : { line });
        return true;
      },
    });
    return () => opener.dispose();
  }, []);
  return <div ref={element} className={shown ? "absolute inset-0" : "invisible absolute inset-0"} />;
}
