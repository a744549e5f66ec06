import {
  type AuditEntry,
  type AuditFilter,
  countAudit,
  findAuditPeople,
  findAuditSessions,
  getAuditEntry,
  listAudit,
  proveAuditEntry,
} from "@remote-claude/protocol";
import type { z } from "zod";
import { call } from "../../lib/api.ts";
import { actionsIn, type Filters } from "../filters/filters.ts";
import type { Bounds } from "../model/time-range.ts";

type Query = z.input<typeof AuditFilter>;

/** What the api is asked with: what is not looked for is left out. */
export function queryOf(filters: Filters, { from, to }: Bounds): Query {
  const { person, session, what, results, actors, address, request, text } = filters;
  const given: { [Name in keyof Query]: Query[Name] | null } = {
    person,
    session,
    actions: actionsIn(what).join(","),
    results: results.join(","),
    actors: actors.join(","),
    address,
    request,
    text,
    from,
    to,
  };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== null && value !== ""),
  ) as Query;
}

export const askEntries = (
  filters: Filters,
  bounds: Bounds,
  after: string | undefined,
  signal: AbortSignal,
) => call(listAudit, { signal, query: { ...queryOf(filters, bounds), after } });

export const askCounts = (filters: Filters, bounds: Bounds, signal: AbortSignal) =>
  call(countAudit, { signal, query: queryOf(filters, bounds) });

export const askEntry = (auditId: string, signal: AbortSignal): Promise<AuditEntry> =>
  call(getAuditEntry, { signal, params: { auditId } });

export const askProof = (auditId: string, signal: AbortSignal) =>
  call(proveAuditEntry, { signal, params: { auditId } });

export const findPeople = async (search: string, signal: AbortSignal) =>
  (await call(findAuditPeople, { signal, query: { search } })).people;

export const findSessions = async (search: string, signal: AbortSignal) =>
  (await call(findAuditSessions, { signal, query: { search } })).sessions;
