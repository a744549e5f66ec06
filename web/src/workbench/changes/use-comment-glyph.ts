import type { editor as Monaco } from "monaco-editor/editor/editor.api.js";
import { useEffect, useRef } from "react";
import { editor, Range } from "../editor/monaco.ts";

const { GUTTER_GLYPH_MARGIN, GUTTER_LINE_NUMBERS } = editor.MouseTargetType;

/** A plus sign beside the line that the pointer is over; a click there, or on the line's number, begins a comment. */
export function useCommentGlyph(
  code: Monaco.ICodeEditor | null,
  enabled: boolean,
  begin: (from: number, to: number) => void,
): void {
  const latest = useRef(begin);
  latest.current = begin;
  useEffect(() => {
    if (code === null || !enabled) return;
    const glyph = code.createDecorationsCollection();
    const show = (line: number | null) =>
      glyph.set(
        line === null
          ? []
          : [
              {
                range: new Range(line, 1, line, 1),
                options: { glyphMarginClassName: "review-add-comment" },
              },
            ],
      );
    const ends = [
      code.onMouseMove(({ target }) => show(target.position?.lineNumber ?? null)),
      code.onMouseLeave(() => show(null)),
      code.onMouseDown(({ target, event }) => {
        if (target.type !== GUTTER_GLYPH_MARGIN && target.type !== GUTTER_LINE_NUMBERS) return;
        const line = target.position?.lineNumber;
        if (line === undefined || !event.leftButton) return;
        const selection = code.getSelection();
        const inside =
          selection !== null &&
          !selection.isEmpty() &&
          line >= selection.startLineNumber &&
          line <= selection.endLineNumber;
        latest.current(inside ? selection.startLineNumber : line, inside ? selection.endLineNumber : line);
      }),
    ];
    return () => {
      for (const end of ends) end.dispose();
      glyph.clear();
    };
  }, [code, enabled]);
}
