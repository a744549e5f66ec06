import "katex/dist/katex.min.css";
import katex from "katex";
import remarkMath from "remark-math";

/** Reads `$$…$$`; what it finds becomes code with the class `language-math`. */
export const mathPlugin: [typeof remarkMath, { singleDollarTextMath: boolean }] = [
  remarkMath,
  { singleDollarTextMath: false },
];

/** Nobody writes a longer formula, and a hostile one could hold the page up. */
const maxLength = 5000;

/**
 * A formula as HTML. KaTeX escapes what it is given and, not trusted, makes no links, styles or pictures from it.
 * null: it is no formula that KaTeX knows.
 */
export function renderMath(tex: string, displayMode: boolean): string | null {
  if (tex.length > maxLength) return null;
  try {
    return katex.renderToString(tex, {
      displayMode,
      trust: false,
      strict: "ignore",
      throwOnError: true,
      maxExpand: 500,
      maxSize: 20,
    });
  } catch {
    return null;
  }
}
