/** Which lines are chosen: `focused` is where the keyboard stands, `anchor` where Shift began. */
export interface Selection {
  focused: string | null;
  anchor: string | null;
  paths: ReadonlySet<string>;
}

export const nothingSelected: Selection = { focused: null, anchor: null, paths: new Set() };

export function selectOne(path: string): Selection {
  return { focused: path, anchor: path, paths: new Set([path]) };
}

/** Ctrl+click: adds a line or takes it out. */
export function selectToggled(selection: Selection, path: string): Selection {
  const paths = new Set(selection.paths);
  if (!paths.delete(path)) paths.add(path);
  return { focused: path, anchor: path, paths };
}

/** Shift: all from the anchor to this line. `order` is what the tree shows. */
export function selectRange(selection: Selection, path: string, order: readonly string[]): Selection {
  const from = order.indexOf(selection.anchor ?? path);
  const to = order.indexOf(path);
  if (from < 0 || to < 0) return selectOne(path);
  const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { focused: path, anchor: order[from] ?? path, paths: new Set(range) };
}

/** What an act on `path` is about: all that is selected when it is among them, else it alone. */
export function targetsOf(selection: Selection, path: string): string[] {
  return selection.paths.has(path) ? [...selection.paths] : [path];
}

/** The line that type-ahead goes to: the next one from the focused whose name begins like this, round the end. */
export function typeAhead(
  names: readonly string[],
  focused: number,
  typed: string,
  continuing: boolean,
): number {
  const wanted = typed.toLowerCase();
  const start = continuing ? Math.max(0, focused) : focused + 1;
  for (let step = 0; step < names.length; step++) {
    const index = (start + step) % names.length;
    if (names[index]?.toLowerCase().startsWith(wanted)) return index;
  }
  return -1;
}
