import type { AuditActorKind } from "@remote-claude/protocol";
import { actionGroups } from "../model/action-groups.ts";
import { rangeWords } from "../model/time-range.ts";
import { resultOf, wordsOf } from "../model/words.ts";
import { type Filters, noFilters } from "./filters.ts";

/** One thing that is looked for, and the filters without it. */
export interface Chip {
  readonly key: string;
  readonly label: string;
  readonly without: Filters;
}

export const actorWords: Readonly<Record<AuditActorKind, string>> = {
  user: "A person",
  token: "A token",
  claude: "Claude",
  system: "The system",
};

const titleOfWhat = (what: string) => actionGroups.find(({ id }) => id === what)?.title ?? wordsOf(what);

/** What is looked for, one by one. Names are those that the page knows by now; an id has a beginning, at least. */
export function chipsOf(
  filters: Filters,
  names: { person(id: string): string | null; session(id: string): string | null },
): readonly Chip[] {
  const chips: Chip[] = [];
  const add = (key: string, label: string, change: Partial<Filters>) =>
    chips.push({ key, label, without: { ...filters, ...change } });
  const { person, session, what, results, actors, range, address, request, text } = filters;
  if (text !== "") add("text", `“${text}”`, { text: "" });
  if (person !== null) add("person", names.person(person) ?? `Person ${person.slice(-6)}`, { person: null });
  if (session !== null) {
    add("session", `Session ${names.session(session) ?? session.slice(-6)}`, { session: null });
  }
  for (const one of what) add(one, titleOfWhat(one), { what: what.filter((other) => other !== one) });
  for (const one of results) {
    add(one, resultOf(one).label, { results: results.filter((other) => other !== one) });
  }
  for (const one of actors) {
    add(one, `By: ${actorWords[one].toLowerCase()}`, { actors: actors.filter((other) => other !== one) });
  }
  if (address !== "") add("address", `From ${address}`, { address: "" });
  if (request !== "") add("request", `Request ${request}`, { request: "" });
  if (range.kind === "between") add("range", rangeWords(range), { range: noFilters.range });
  return chips;
}
