/** The lines of a stream of bytes, split at `separator`; one longer than `maxBytes` is dropped. */
export async function* linesOf(
  stream: AsyncIterable<Buffer>,
  separator = "\n",
  maxBytes = 1024 * 1024,
): AsyncGenerator<Buffer> {
  const end = separator.charCodeAt(0);
  let held: Buffer[] = [];
  let heldBytes = 0;
  for await (const chunk of stream) {
    let from = 0;
    for (let at = chunk.indexOf(end); at !== -1; at = chunk.indexOf(end, from)) {
      const piece = chunk.subarray(from, at);
      if (heldBytes + piece.length <= maxBytes)
        yield held.length === 0 ? piece : Buffer.concat([...held, piece]);
      held = [];
      heldBytes = 0;
      from = at + 1;
    }
    const rest = chunk.subarray(from);
    heldBytes += rest.length;
    if (heldBytes <= maxBytes) held.push(rest);
    else held = [];
  }
  if (heldBytes > 0 && heldBytes <= maxBytes) yield Buffer.concat(held);
}
