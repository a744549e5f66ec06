/**
 * The lines of a text that comes in pieces, without their ends. Apart by "\n" alone: node:readline also cuts at U+2028
 * and U+2029, which stand in JSON as they are.
 */
export async function* linesIn(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of pieces) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
