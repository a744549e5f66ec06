import { newId } from "@remote-claude/prisma";
import type { Occupant } from "./store.ts";

/** Who did it: a place and, when it is claimed, whose. */
export interface Speaker {
  readonly placeId: string;
  readonly occupant: Occupant | null;
}

/** What every audit row of a speaker begins with. */
export function rowOf({ occupant }: Speaker, at: Date) {
  return {
    id: newId(at.getTime()),
    userId: occupant?.userId ?? null,
    sessionId: occupant?.sessionId ?? null,
  };
}
