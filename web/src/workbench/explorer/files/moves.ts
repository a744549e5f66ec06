/** A file or a directory got another path, by this person's hand. */
export interface Move {
  from: string;
  to: string;
}

const listeners = new Set<(move: Move) => void>();

/** Tells of what is renamed or moved in the explorer, for those who hold paths (tabs). Returns what ends it. */
export function onMoved(listener: (move: Move) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function tellMoved(move: Move): void {
  for (const listener of [...listeners]) listener(move);
}
