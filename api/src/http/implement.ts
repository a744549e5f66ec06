import type { RouteDefinition, RouteNeeds, SessionAbility } from "@remote-claude/protocol";
import type { Request, Response } from "express";
import type { z } from "zod";
import type { Context, Principal, SessionAccess } from "../context.ts";

/** What a schema yields; `undefined` where the route declares none. */
type Parsed<Schema extends z.ZodType> = Schema extends z.ZodNever ? undefined : z.output<Schema>;

/**
 * A reply that is JSON already, as the database made it: sent as it is, since reading and writing it again costs more
 * than all else that a list needs. Outside of production it is held against the schema like any other.
 */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Returned by a handler that wrote the response itself: a stream, bytes, 304. */
export const sent = Symbol("sent");

type Answer<Reply extends z.ZodType> = Reply extends z.ZodNever
  ? // biome-ignore lint/suspicious/noConfusingVoidType: a handler without a reply returns nothing
    void | typeof sent
  : z.output<Reply> | JsonText | typeof sent;

/**
 * What a handler is called with: everything is already authenticated, allowed and parsed. `principal` may be null
 * only where anybody may ask; `session` is there exactly where the route needs a session's ability.
 */
export interface RouteInput<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Needs extends RouteNeeds,
> {
  readonly context: Context;
  readonly principal: Needs extends "nobody" ? Principal | null : Principal;
  readonly session: Needs extends SessionAbility ? SessionAccess : null;
  readonly params: Parsed<Params>;
  readonly query: Parsed<Query>;
  /** Of a route that also `accepts` another form: undefined when the request came in that form. */
  readonly body: Parsed<Body>;
  readonly request: Request;
  readonly response: Response;
  readonly requestId: string;
  /** Aborts when the client went away before the answer was complete. */
  readonly signal: AbortSignal;
  /** What the route's ReadAlong found; empty without one. */
  readonly readAlong: string;
}

/**
 * SQL of one text for the person that `userId` names, at the time `now` (both are expressions), read in the same
 * statement that finds out who asks: for the routes asked most, the second trip to the database costs as much as all
 * the rest.
 */
export type ReadAlong = (userId: string, now: string) => string;

/** A route and what answers it; made by `implement` alone, which ties the types together. */
export interface RouteHandler {
  readonly definition: RouteDefinition;
  readonly run: (input: never) => Promise<unknown>;
  readonly readAlong: ReadAlong | undefined;
}

/** Pairs a route of the protocol with its handler. The edge (mount.ts) does the rest. */
export function implement<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Reply extends z.ZodType,
  Needs extends RouteNeeds,
>(
  definition: RouteDefinition<Params, Query, Body, Reply, Needs>,
  run: (input: RouteInput<Params, Query, Body, Needs>) => Promise<Answer<Reply>>,
  readAlong?: ReadAlong,
): RouteHandler {
  return { definition: definition as unknown as RouteDefinition, run, readAlong };
}
