/** The string value of a top-level field in JSON that may still be growing; null while it has not begun. */
export function readPartialString(json: string, field: string): string | null {
  const start = new RegExp(`"${field}"\\s*:\\s*"`).exec(json);
  if (start === null) return null;
  let raw = "";
  for (let index = start.index + start[0].length; index < json.length; index += 1) {
    const character = json[index];
    if (character === '"') break;
    raw += character;
    if (character === "\\") {
      index += 1;
      raw += json[index] ?? "";
    }
  }
  // An escape sequence may be cut in the middle.
  for (let cut = 0; cut <= 6 && cut <= raw.length; cut += 1) {
    try {
      return JSON.parse(`"${raw.slice(0, raw.length - cut)}"`) as string;
    } catch {
      // One character less, then.
    }
  }
  return null;
}
