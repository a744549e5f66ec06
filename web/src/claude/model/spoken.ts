/** A Markdown text as it is read out: without its marks, and code by its size instead of letter by letter. */
export function spoken(markdown: string): string {
  return (
    markdown
      .replace(
        /^[ \t]*(`{3,}|~{3,})[^\n]*\n([\s\S]*?)(?:^[ \t]*\1[ \t]*$|$(?![\s\S]))/gm,
        (_, _fence, code: string) => linesOfCode(code.trimEnd().split("\n").length),
      )
      // The line between a table's head and body, then the table's bars.
      .replace(/^[ \t]*\|?[ \t]*:?-{2,}:?[ \t|:-]*$\n?/gm, "")
      .replace(/^[ \t]*\|(.*?)\|?[ \t]*$/gm, (_, cells: string) =>
        cells
          .split("|")
          .map((cell) => cell.trim())
          .join(", "),
      )
      .replace(/!?\[([^\]\n]*)\]\([^)\n]*\)/g, "$1")
      .replace(/^[ \t]*(?:#{1,6}|>)[ \t]+/gm, "")
      .replace(/(\*\*|__)(?=\S)([\s\S]*?\S)\1/g, "$2")
      .replace(/(^|[^\w*])\*(?=[^\s*])([^*\n]*[^\s*])\*(?!\w)/g, "$1$2")
      .replace(/`+([^`\n]+)`+/g, "$1")
  );
}

const linesOfCode = (count: number) => (count === 1 ? "(a line of code)" : `(${count} lines of code)`);
