import { useCallback, useState } from "react";
import type { z } from "zod";
import { useCurrentUser } from "./current-user.tsx";

const keyOf = (userId: string, name: string) => `remote-claude:${userId}:${name}`;

/** What a person's browser remembers under this name, or the fallback if there is nothing that fits the schema. */
export function readPreference<Schema extends z.ZodType>(
  userId: string,
  name: string,
  schema: Schema,
  fallback: z.infer<Schema>,
): z.infer<Schema> {
  try {
    const text = window.localStorage.getItem(keyOf(userId, name));
    if (text === null) return fallback;
    const result = schema.safeParse(JSON.parse(text));
    return result.success ? result.data : fallback;
  } catch {
    // Storage is off, or holds something that is not ours: go on without a memory.
    return fallback;
  }
}

export function writePreference(userId: string, name: string, value: unknown): void {
  try {
    window.localStorage.setItem(keyOf(userId, name), JSON.stringify(value));
  } catch {
    // Storage is off or full: the choice holds for this page.
  }
}

/** A remembered choice of the person who is signed in. Only in components that render in the browser alone. */
export function usePreference<Schema extends z.ZodType>(
  name: string,
  schema: Schema,
  fallback: z.infer<Schema>,
): [z.infer<Schema>, (value: z.infer<Schema>) => void] {
  const { id } = useCurrentUser();
  const [value, setValue] = useState(() => readPreference(id, name, schema, fallback));
  const remember = useCallback(
    (next: z.infer<Schema>) => {
      setValue(next);
      writePreference(id, name, next);
    },
    [id, name],
  );
  return [value, remember];
}
