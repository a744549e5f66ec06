"use client";

import { createContext, useCallback, useContext, useState } from "react";

/** What a person opened and closed in the timeline, by row and name: rows out of sight are not drawn, this stays. */
export type RowMemory = Map<string, unknown>;

const MemoryContext = createContext<RowMemory | null>(null);
const RowContext = createContext("");

export const RowMemoryProvider = MemoryContext;
/** Around each row: its key. */
export const RowProvider = RowContext;

/** Like `useState`, and as it was left when the row is drawn again. `name` is the state's own within its row. */
export function useRowState<T>(name: string, initial: T): [T, (next: T) => void] {
  const memory = useContext(MemoryContext);
  const key = `${useContext(RowContext)} ${name}`;
  const [value, setValue] = useState(() => (memory?.has(key) ? (memory.get(key) as T) : initial));
  const remember = useCallback(
    (next: T) => {
      memory?.set(key, next);
      setValue(next);
    },
    [memory, key],
  );
  return [value, remember];
}
