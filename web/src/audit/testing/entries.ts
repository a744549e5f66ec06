import type { Entry } from "../model/entry.ts";

let count = 0;

/** An entry of which a test names what it is about. */
export function anEntry(given: Partial<Entry> = {}): Entry {
  count += 1;
  return {
    id: `0193a000-0000-7000-8000-${String(count).padStart(12, "0")}`,
    at: "2026-11-26T10:00:00.000Z",
    actorKind: "user",
    person: { id: "0193a000-0000-7000-8000-00000000000a", name: "Ada", email: "ada@example.org" },
    token: null,
    onBehalfOf: null,
    action: "file.read",
    result: "success",
    session: null,
    target: null,
    address: null,
    userAgent: null,
    requestId: null,
    details: {},
    sealed: false,
    ...given,
  };
}
