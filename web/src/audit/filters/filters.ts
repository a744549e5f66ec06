import { AuditAction, AuditActorKind, AuditResult, Id } from "@remote-claude/protocol";
import { actionGroups, actionsOf } from "../model/action-groups.ts";
import { defaultRange, isPreset, type TimeRange } from "../model/time-range.ts";

/** What one looks for; all of it stands in the page's address, so that it can be sent to somebody. */
export interface Filters {
  readonly person: string | null;
  readonly session: string | null;
  /** Ids of groups (`approvals`) and single actions (`file.read`); none: all. */
  readonly what: readonly string[];
  readonly results: readonly AuditResult[];
  readonly actors: readonly AuditActorKind[];
  readonly range: TimeRange;
  readonly address: string;
  readonly request: string;
  readonly text: string;
}

export const noFilters: Filters = {
  person: null,
  session: null,
  what: [],
  results: [],
  actors: [],
  range: defaultRange,
  address: "",
  request: "",
  text: "",
};

const isTime = (value: string) => !Number.isNaN(Date.parse(value));
const idIn = (value: string | null) => Id.safeParse(value).data ?? null;
const listIn = (value: string | null) => [...new Set((value ?? "").split(",").filter(Boolean))];
const isGroup = (what: string) => actionGroups.some(({ id }) => id === what);
const isWhat = (what: string) => isGroup(what) || AuditAction.safeParse(what).success;

function rangeIn(params: URLSearchParams): TimeRange {
  const [from, to, last] = [params.get("from"), params.get("to"), params.get("last")];
  const moment = (value: string | null) =>
    value !== null && isTime(value) ? new Date(value).toISOString() : null;
  if (moment(from) !== null || moment(to) !== null) {
    return { kind: "between", from: moment(from), to: moment(to) };
  }
  return last !== null && isPreset(last) ? { kind: "last", id: last } : defaultRange;
}

/** Reads an address. It may have been typed by hand: what is not understood is left out. */
export function filtersOf(params: URLSearchParams): Filters {
  return {
    person: idIn(params.get("person")),
    session: idIn(params.get("session")),
    what: listIn(params.get("what")).filter(isWhat),
    results: listIn(params.get("result")).flatMap((value) => AuditResult.safeParse(value).data ?? []),
    actors: listIn(params.get("by")).flatMap((value) => AuditActorKind.safeParse(value).data ?? []),
    range: rangeIn(params),
    address: params.get("address")?.trim() ?? "",
    request: params.get("request")?.trim() ?? "",
    text: params.get("q")?.trim() ?? "",
  };
}

/** The other way round; what is as it is by default is not named. */
export function toParams(filters: Filters): URLSearchParams {
  const params = new URLSearchParams();
  const put = (name: string, value: string | null) => {
    if (value !== null && value !== "") params.set(name, value);
  };
  put("q", filters.text.trim());
  put("person", filters.person);
  put("session", filters.session);
  put("what", filters.what.join(","));
  put("result", filters.results.join(","));
  put("by", filters.actors.join(","));
  put("address", filters.address.trim());
  put("request", filters.request.trim());
  const { range } = filters;
  if (range.kind === "between") {
    put("from", range.from);
    put("to", range.to);
  } else if (range.id !== (defaultRange as { id: string }).id) put("last", range.id);
  return params;
}

/** The address of the page with these filters. */
export function hrefOfFilters(filters: Partial<Filters>): string {
  const params = toParams({ ...noFilters, ...filters });
  return params.size === 0 ? "/audit" : `/audit?${params}`;
}

/** The actions that `what` stands for; none: all. */
export function actionsIn(what: readonly string[]): readonly AuditAction[] {
  return [...new Set(what.flatMap((one) => (isGroup(one) ? actionsOf(one) : [one as AuditAction])))];
}

/** Whether anything but the time is looked for. */
export const isFiltered = (filters: Filters): boolean =>
  toParams({ ...filters, range: defaultRange }).size > 0;

export const sameFilters = (one: Filters, other: Filters): boolean =>
  toParams(one).toString() === toParams(other).toString();
