const encoder = new TextEncoder();

/** Why an entry cannot have this name, or null. Slashes make directories on the way, where `nested` says so. */
export function nameProblem(
  name: string,
  siblings: readonly string[],
  options: { nested: boolean; own?: string },
): string | null {
  const trimmed = name.trim();
  if (trimmed === "") return "A name is needed.";
  const parts = trimmed.split("/");
  if (parts.length > 1 && !options.nested) return "A name holds no slash. Drag the entry to move it.";
  if (trimmed.startsWith("/")) return "A name does not begin with a slash.";
  if (parts.slice(0, -1).includes("")) return "There are two slashes in a row.";
  if (parts.some((part) => part === "." || part === "..")) return `“${trimmed}” is no name for a file here.`;
  if (trimmed.includes("\0") || !trimmed.isWellFormed()) return "The name holds a character that cannot be.";
  if (parts.some((part) => encoder.encode(part).length > 255)) return "The name is too long.";
  const [first = ""] = parts;
  if (parts.length === 1 && first !== options.own && siblings.includes(first))
    return `“${first}” exists already. Choose another name.`;
  return null;
}

/** A warning that does not forbid. */
export function nameWarning(name: string): string | null {
  return name !== name.trim() && name.trim() !== "" ? "Spaces at the ends are left out." : null;
}

/** How much of a name is selected when it is renamed: all but the extension. */
export function stemLength(name: string, type: "file" | "directory" | "other"): number {
  const dot = name.lastIndexOf(".");
  return type === "directory" || dot <= 0 ? name.length : dot;
}

/** A free name like the given one: "notes (2).txt". */
export function freeName(name: string, taken: (name: string) => boolean): string {
  const stem = stemLength(name, "file");
  for (let count = 2; ; count++) {
    const candidate = `${name.slice(0, stem)} (${count})${name.slice(stem)}`;
    if (!taken(candidate)) return candidate;
  }
}
