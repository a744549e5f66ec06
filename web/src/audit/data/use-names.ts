import { useMemo } from "react";
import type { Entry } from "../model/entry.ts";

/** Names of people and sessions by their ids; null: not known. */
export interface Names {
  person(id: string): string | null;
  session(id: string): string | null;
}

/** The names that the entries on the page carry, and those that were looked up. */
export function useNames(entries: readonly Entry[], more: Partial<Names> = {}): Names {
  const { person, session } = more;
  return useMemo(() => {
    const people = new Map<string, string>();
    const sessions = new Map<string, string>();
    for (const entry of entries) {
      if (entry.person !== null) people.set(entry.person.id, entry.person.name);
      if (entry.session !== null) sessions.set(entry.session.id, entry.session.name);
    }
    return {
      person: (id) => people.get(id) ?? person?.(id) ?? null,
      session: (id) => sessions.get(id) ?? session?.(id) ?? null,
    };
  }, [entries, person, session]);
}
