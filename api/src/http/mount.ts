import {
  AppError,
  parseOrRefuse,
  type RouteDefinition,
  type RouteName,
  type SessionAbility,
} from "@remote-claude/protocol";
import express, { type Express, type Request, type Response } from "express";
import { z } from "zod";
import { type Authentication, authenticate, setSignInCookie } from "../auth/index.ts";
import type { Context, Principal, SessionAccess } from "../context.ts";
import { bearerOf } from "../lib/bearer.ts";
import { beyondToken, can, isOrganisationAbility, reaches } from "../policy/index.ts";
import { getSessionAccess, noteActivity } from "../sessions/index.ts";
import { JsonText, type ReadAlong, type RouteHandler, sent } from "./implement.ts";
import { assertWithinLimit, routeLimits } from "./limits.ts";
import { assertOurOrigin } from "./origin.ts";
import { groupOf, joinParams, methodsByPath, toExpressPath } from "./path.ts";
import { requestIdOf } from "./request-id.ts";

/** JSON bodies: the longest prompt of 200,000 characters fits, escaped and in UTF-8. */
export const maxJsonBytes = 2 * 1024 * 1024;
const parseJson = express.json({ limit: maxJsonBytes, strict: false });

/** Puts every route and its handler on the app, and 405 on every other method of their paths. */
export function mountRoutes(
  app: Express,
  context: Context,
  handlers: Readonly<Record<string, RouteHandler>>,
): void {
  const definitions = Object.values(handlers).map(({ definition }) => definition);
  for (const [name, handler] of Object.entries(handlers)) {
    const { method, path } = handler.definition;
    const answer = pipeline(context, name as RouteName, handler);
    app[lowerCase(method)](toExpressPath(path), answer);
  }
  for (const [path, methods] of methodsByPath(definitions)) {
    app.all(toExpressPath(path), (request, response) => {
      response.setHeader("Allow", methods.join(", "));
      throw new AppError(
        "method_not_allowed",
        `${request.method} is not for this path: ${methods.join(", ")} is.`,
      );
    });
  }
}

const lowerCase = (method: RouteDefinition["method"]) =>
  method.toLowerCase() as "get" | "put" | "post" | "patch" | "delete";

/** Authenticate, allow, parse, act, present: the same for every route. */
function pipeline(context: Context, name: RouteName, { definition, run, readAlong }: RouteHandler) {
  const query = definition.query instanceof z.ZodObject ? definition.query.strict() : definition.query;
  const routeGroup = groupOf(definition.path);
  return async (request: Request, response: Response): Promise<void> => {
    response.locals.routeGroup = routeGroup;
    const found = await identify(context, definition, request, response, readAlong);
    const principal = found?.principal ?? null;
    const params =
      definition.params && parseOrRefuse(definition.params, joinParams(request.params), "the path");
    const session = await allow(context, definition, principal, params);
    if (principal !== null) await assertWithinLimit(context, principal, name, routeLimits[name]);
    const input = {
      context,
      principal,
      session,
      params,
      query: query && parseOrRefuse(query, request.query, "the query"),
      body: await readBody(definition, request, response),
      request,
      response,
      requestId: requestIdOf(request),
      signal: abortedWith(response),
      readAlong: found?.readAlong ?? "",
    };
    // Work in a session counts as its use, as it does over a socket; looking at it does not.
    if (session !== null && definition.needs === "session.use") noteActivity(context, session.session.id);
    const reply = await run(input as never);
    if (reply !== sent) answer(context, definition, response, reply);
  };
}

/** Who asks; null only where anybody may. What a cookie speaks for must come from our own pages. */
async function identify(
  context: Context,
  { method, needs, crossSite = false }: RouteDefinition,
  request: Request,
  response: Response,
  readAlong: ReadAlong | undefined,
): Promise<Authentication | null> {
  const { headers } = request;
  if (crossSite) return null;
  if (method !== "GET" && bearerOf(headers.authorization) === null) {
    assertOurOrigin(headers, context.config.publicUrl);
  }
  // Health, readiness and sign-in must not depend on what somebody's old cookie still means.
  if (needs === "nobody" && headers.cookie === undefined && headers.authorization === undefined) return null;
  if (needs === "nobody" && method === "GET") return null;
  const authentication = await authenticate(context, {
    headers,
    remoteAddress: request.socket.remoteAddress,
    requestId: requestIdOf(request),
    readAlong,
    // A page that web makes cannot hand a new cookie on.
    mayRotate: headers["x-page-request"] === undefined,
  });
  if (authentication === null) {
    if (needs === "nobody") return null;
    throw new AppError("unauthenticated", "Sign in first.");
  }
  renew(context, response, authentication);
  return authentication;
}

function renew(context: Context, response: Response, { renewCookie }: Authentication): void {
  if (renewCookie !== null) setSignInCookie(response, context.config, renewCookie);
}

/** Someone else's session is not found; an ability that is lacking is forbidden. */
async function allow(
  context: Context,
  { needs, scope }: RouteDefinition,
  principal: Principal | null,
  params: unknown,
): Promise<SessionAccess | null> {
  if (principal !== null && !reaches(principal, scope)) throw new AppError("forbidden", beyondToken(scope));
  if (needs === "nobody" || needs === "signed-in" || principal === null) return null;
  if (isOrganisationAbility(needs)) {
    if (can(principal, needs)) return null;
    throw new AppError("forbidden", "Your role does not allow this.");
  }
  const access = await getSessionAccess(context, principal, (params as { sessionId: string }).sessionId);
  assertSessionAbility(principal, needs, access);
  return access;
}

function assertSessionAbility(principal: Principal, ability: SessionAbility, access: SessionAccess): void {
  if (can(principal, ability, access)) return;
  throw new AppError("forbidden", `As ${access.role} of this session you may not do this.`);
}

async function readBody(definition: RouteDefinition, request: Request, response: Response): Promise<unknown> {
  if (definition.body === undefined) return undefined;
  if (definition.accepts !== undefined && typeof request.is(definition.accepts) === "string")
    return undefined;
  const hasBody =
    request.headers["transfer-encoding"] !== undefined || request.headers["content-length"] !== "0";
  if (hasBody && request.headers["content-type"] !== undefined && request.is("json") === false) {
    throw new AppError("bad_request", "Send the body as application/json.");
  }
  await new Promise<void>((resolve, reject) => {
    parseJson(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
  });
  return parseOrRefuse(definition.body, request.body, "the body");
}

function abortedWith(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

function answer(context: Context, definition: RouteDefinition, response: Response, reply: unknown): void {
  if (definition.status === 204) {
    response.status(204).end();
    return;
  }
  // Presenters are trusted where speed counts; everywhere else a wrong answer is a bug that shows at once.
  const checked = !context.config.production && definition.reply !== undefined;
  if (reply instanceof JsonText) {
    if (checked) definition.reply?.parse(JSON.parse(reply.text));
    response.status(definition.status).type("json").send(reply.text);
    return;
  }
  response.status(definition.status).json(checked ? definition.reply?.parse(reply) : reply);
}
