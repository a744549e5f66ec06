/**
 * What of a long output still matters when its text does not: the sequences that switch modes (alternate screen,
 * mouse, bracketed paste, scroll region, character sets, reset, title). Far faster than drawing it.
 */
export function skimModes(bytes: Buffer): string {
  const kept: string[] = [];
  let at = bytes.indexOf(escapeByte);
  while (at !== -1) {
    // The longest sequence we care for is short; a match must begin exactly here.
    const match = modeSequence.exec(bytes.toString("latin1", at, at + 64));
    if (match !== null) kept.push(match[0]);
    at = bytes.indexOf(escapeByte, at + 1);
    if (kept.length >= compactAt) kept.splice(0, kept.length, ...lastOfEach(kept));
  }
  return lastOfEach(kept).join("");
}

const escapeByte = 0x1b;
const compactAt = 4096;

/** CSI ? … h/l · CSI ! p · CSI … r · ESC c = > 7 8 · ESC ( x. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals speak in control characters
const modeSequence = /^\x1b(?:\[\?[0-9;]{1,40}[hl]|\[!p|\[[0-9;]{0,16}r|[c=>78]|[()*+][0-9A-B])/;

/** Of equal sequences only the last counts; a full reset undoes what came before it. */
function lastOfEach(sequences: string[]): string[] {
  const afterReset = sequences.slice(Math.max(0, sequences.lastIndexOf("\x1bc")));
  const seen = new Map<string, string>();
  for (const sequence of afterReset) {
    // Switching a mode on and off are one thing: keep the later.
    const key = sequence.replace(/[hl]$/, "");
    seen.delete(key);
    seen.set(key, sequence);
  }
  return [...seen.values()];
}
