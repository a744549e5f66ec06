import type * as z from "zod";
import type { ErrorCode } from "../errors.ts";
import type { OrganisationAbility, SessionAbility } from "../roles.ts";
import type { NeededScope } from "../scopes.ts";

export type Method = "GET" | "PUT" | "POST" | "PATCH" | "DELETE";

export type RouteNeeds = "nobody" | "signed-in" | OrganisationAbility | SessionAbility;

/**
 * One REST route: what the api mounts, what the web app calls and what /api/openapi.json says all come from this.
 * `needs`: `"nobody"` is open to all, `"signed-in"` to every signed-in person, else the ability.
 */
export interface RouteDefinition<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Reply extends z.ZodType = z.ZodType,
  Needs extends RouteNeeds = RouteNeeds,
> {
  readonly method: Method;
  /** With OpenAPI placeholders; `{path}` at the end stands for the rest of the path, slashes included. */
  readonly path: string;
  readonly summary: string;
  readonly needs: Needs;
  /** What a token with scopes must have besides; a sign-in by cookie has them all. */
  readonly scope: NeededScope;
  readonly params?: Params;
  readonly query?: Query;
  /** A JSON body. */
  readonly body?: Body;
  /** A body that is not (only) JSON. */
  readonly accepts?: "application/octet-stream" | "multipart/form-data" | "application/x-www-form-urlencoded";
  /** A JSON answer. */
  readonly reply?: Reply;
  /** An answer that is not (only) JSON. */
  readonly answers?:
    | "application/octet-stream"
    | "text/event-stream"
    | "text/plain"
    | "text/csv"
    | "application/x-ndjson"
    | "application/xml";
  /** Another site's page is meant to send this (an identity provider's form): the proof is in the body alone. */
  readonly crossSite?: boolean;
  readonly status: 200 | 201 | 202 | 204;
  readonly errors: readonly ErrorCode[];
}

/** Declares a route; status 200 and no special errors unless said. */
export function route<
  Params extends z.ZodType = z.ZodNever,
  Query extends z.ZodType = z.ZodNever,
  Body extends z.ZodType = z.ZodNever,
  Reply extends z.ZodType = z.ZodNever,
  const Needs extends RouteNeeds = RouteNeeds,
>(
  definition: Omit<RouteDefinition<Params, Query, Body, Reply, Needs>, "status" | "errors"> &
    Partial<Pick<RouteDefinition, "status" | "errors">>,
): RouteDefinition<Params, Query, Body, Reply, Needs> {
  return { status: 200, errors: [], ...definition };
}
