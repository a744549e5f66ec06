/**
 * Cuts Markdown at places where nothing before can change what comes after, so that a text that grows is parsed
 * in its last block only. Joined, the blocks are the text again.
 */
export function splitMarkdown(text: string): readonly string[] {
  // A definition may be used anywhere: such a text stays whole.
  if (/^ {0,3}\[[^\]\n]+\]:/m.test(text)) return [text];
  const blocks: string[] = [];
  const lines = text.split("\n");
  let fence: string | null = null;
  let start = 0;
  let position = 0;
  let blankBefore = false;
  for (const [index, line] of lines.entries()) {
    if (fence === null && blankBefore && startsFresh(line)) {
      blocks.push(text.slice(start, position));
      start = position;
    }
    const mark: string | undefined = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence === "$$") {
      if (/\$\$\s*$/.test(line)) fence = null;
    } else if (fence === null && /^ {0,3}\$\$[^$]*$/.test(line)) fence = "$$";
    else if (mark !== undefined) {
      if (fence === null) fence = mark;
      else if (line.trim().startsWith(fence) && line.trim().replaceAll(fence.charAt(0), "") === "")
        fence = null;
    }
    blankBefore = fence === null && line.trim() === "";
    position += line.length + (index < lines.length - 1 ? 1 : 0);
  }
  if (start < text.length) blocks.push(text.slice(start));
  return blocks;
}

/** Begins at the margin and continues no list (nor may it yet become one), quote or indented code. */
function startsFresh(line: string): boolean {
  return line.trim() !== "" && !/^(\s|[-*+](\s|$)|\d{1,9}([.)](\s|$)|$)|>|<)/.test(line);
}
