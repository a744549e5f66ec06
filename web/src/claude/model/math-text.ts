/**
 * Formulas in Markdown. Claude writes them as `$…$`, `$$…$$`, `\(…\)` and `\[…\]`; remark-math is told of them by
 * two dollars alone, so that sums of money and shell variables stay what they are.
 */

/** A single dollar opens a formula before a non-space, and closes one after a non-space and before no word. */
const single = /(?<![\\$\w])\$(?![\s$])((?:\\.|[^$\\\n])*?[^\s\\$])\$(?![\w$])/g;
/** What makes a text between two single dollars a formula rather than a price or a variable. */
const formula = /[\\^_{}=+*<>|]|^[A-Za-z]['’]?$|^[A-Za-z]\([^)]*\)$/;
const inline = /\\\(([\s\S]+?)\\\)/g;
const display = /\\\[([\s\S]+?)\\\]/g;
const mark = "$$";
/** Code, in which nothing is a formula. */
const code = /(```[\s\S]*?(?:```|$)|~~~[\s\S]*?(?:~~~|$)|(`+)(?!`)[\s\S]*?[^`]\2(?!`))/;

/** The same text with every formula between two dollars. */
export function markMath(text: string): string {
  if (!/\$|\\\(|\\\[/.test(text)) return text;
  return outsideCode(text, (part) =>
    part
      .replace(display, (_, tex: string) => ["", mark, tex.trim(), mark, ""].join("\n"))
      .replace(inline, (_, tex: string) => mark + tex.trim() + mark)
      .replace(single, (whole, tex: string) => (formula.test(tex) ? mark + tex + mark : whole)),
  );
}

function outsideCode(text: string, change: (part: string) => string): string {
  let rest = text;
  let done = "";
  for (;;) {
    const found = code.exec(rest);
    if (found === null) return done + change(rest);
    done += change(rest.slice(0, found.index)) + found[0];
    rest = rest.slice(found.index + found[0].length);
  }
}
