/** SHA-256 in the browser; null where the page was not fetched over https (or from this machine): it has no WebCrypto. */
export const subtleCrypto = (): SubtleCrypto | null => globalThis.crypto?.subtle ?? null;

export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new Error("not hexadecimal");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export const toHex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

const utf8 = new TextEncoder();

async function sha256(subtle: SubtleCrypto, ...parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await subtle.digest("SHA-256", whole));
}

/** The hash of a text by itself, in hexadecimal. */
export const hashOf = async (subtle: SubtleCrypto, content: string | Uint8Array): Promise<string> =>
  toHex(await sha256(subtle, typeof content === "string" ? utf8.encode(content) : content));

/** The largest power of two below `size`. */
function splitPoint(size: number): number {
  let point = 1;
  while (point * 2 < size) point *= 2;
  return point;
}

/** On which side the hash beside the way up stands, from the leaf to the root; null: there is no such way. */
function sidesOf(index: number, size: number, steps: number): ("left" | "right")[] | null {
  const sides: ("left" | "right")[] = [];
  let [at, of] = [index, size];
  while (of > 1) {
    const point = splitPoint(of);
    if (at < point) {
      sides.unshift("right");
      of = point;
    } else {
      sides.unshift("left");
      at -= point;
      of -= point;
    }
  }
  return sides.length === steps && index >= 0 && index < size ? sides : null;
}

/**
 * The root that leads up from `line` as leaf `index` of `size` leaves, past the hashes of `path`, lowest first
 * (RFC 9162, 2.1.3: leaves and nodes told apart by their first byte). null when the path is not one of such a tree.
 */
export async function rootOf(
  subtle: SubtleCrypto,
  { line, index, size, path }: { line: string; index: number; size: number; path: readonly string[] },
): Promise<string | null> {
  const sides = sidesOf(index, size, path.length);
  if (sides === null) return null;
  let hash = await sha256(subtle, Uint8Array.of(0), utf8.encode(line));
  for (const [step, side] of sides.entries()) {
    const beside = fromHex(path[step] ?? "");
    hash = await (side === "left"
      ? sha256(subtle, Uint8Array.of(1), beside, hash)
      : sha256(subtle, Uint8Array.of(1), hash, beside));
  }
  return toHex(hash);
}
