const definition = /^ {0,3}\[[^\]\n]+\]:/m;

/**
 * Cuts Markdown at places where nothing before can change what comes after, so that a text that grows is parsed
 * in its last block only. Joined, the blocks are the text again.
 */
export function splitMarkdown(text: string): readonly string[] {
  // A definition may be used anywhere: such a text stays whole.
  if (definition.test(text)) return [text];
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

/** A text in its blocks. */
export interface Blocks {
  readonly text: string;
  readonly blocks: readonly string[];
}

/**
 * The blocks of a text that may go on from an earlier one: then only what comes after the last block that was closed
 * is looked at, and the closed ones are the very same strings.
 */
export function growBlocks(before: Blocks | null, text: string): Blocks {
  if (before?.text === text) return before;
  if (before === null || !text.startsWith(before.text)) return { text, blocks: splitMarkdown(text) };
  const closed = before.blocks.slice(0, -1);
  const rest = text.slice(closed.reduce((sum, block) => sum + block.length, 0));
  if (definition.test(rest)) return { text, blocks: [text] };
  return { text, blocks: [...closed, ...splitMarkdown(rest)] };
}
