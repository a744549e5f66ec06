import {
  AppError,
  ErrorBody,
  type ErrorCode,
  errorTable,
  type RouteDefinition,
} from "@remote-claude/protocol";
import type { z } from "zod";
import { goToSignIn } from "./go-to-sign-in.ts";

type Field<Name extends string, Schema extends z.ZodType> = [z.input<Schema>] extends [never]
  ? { [Key in Name]?: never }
  : object extends z.input<Schema>
    ? { [Key in Name]?: z.input<Schema> }
    : { [Key in Name]: z.input<Schema> };

/** What a request carries beside what its route defines. */
export interface RequestOptions {
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Set to false where "not signed in" is an answer and no reason to leave the page. */
  signInAgain?: boolean;
}

/** What the route needs: its params, query and body; the compiler asks for those that are not optional. */
export type CallInput<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
> = RequestOptions & Field<"params", Params> & Field<"query", Query> & Field<"body", Body>;

type LooseInput = RequestOptions & {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
};

/** Where a route's request goes. The last placeholder may hold slashes; they stay slashes. */
export function urlOf(
  route: Pick<RouteDefinition, "path">,
  params: Record<string, unknown> = {},
  query: Record<string, unknown> = {},
): string {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    String(params[name] ?? "")
      .split("/")
      .map(encodeURIComponent)
      .join("/"),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  return search.size === 0 ? path : `${path}?${search}`;
}

/** The code for an answer that is not ours (a proxy's page, say), by its status. */
function codeOfStatus(status: number): ErrorCode {
  if (status === 502 || status === 503 || status === 504) return "unavailable";
  const found = Object.entries(errorTable).find(([, entry]) => entry.http === status);
  return found === undefined ? "internal" : (found[0] as ErrorCode);
}

/** The error that an answer stands for, with a sentence to show whatever the answer was. */
export function errorOfAnswer(status: number, text: string): AppError {
  try {
    const body = ErrorBody.safeParse((JSON.parse(text) as { error?: unknown }).error);
    if (body.success) return AppError.from(body.data);
  } catch {
    // Not JSON: something between us and the api answered.
  }
  const code = codeOfStatus(status);
  return new AppError(
    code,
    code === "unavailable"
      ? "The server is not available right now. Try again in a moment."
      : `The server answered with status ${status}.`,
  );
}

/** Sends a request with a body of any kind and gives the answer back as it is; refusals are thrown as AppError. */
export async function request(
  route: RouteDefinition,
  input: LooseInput & { content?: BodyInit } = {},
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(urlOf(route, input.params, input.query), {
      method: route.method,
      credentials: "same-origin",
      ...(input.headers === undefined ? {} : { headers: input.headers }),
      ...(input.signal === undefined ? {} : { signal: input.signal }),
      ...(input.content === undefined ? {} : { body: input.content }),
    });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new AppError("unavailable", "The server could not be reached. Check your connection.", { cause });
  }
  if (response.ok || response.status === 304) return response;
  const error = errorOfAnswer(response.status, await response.text().catch(() => ""));
  if (error.code === "unauthenticated" && input.signInAgain !== false) goToSignIn();
  throw error;
}

/**
 * Calls a route by its definition: `await call(createSession, { body: { name } })`. The answer has the type the
 * definition promises; it is not parsed again here, since the api presents it by the same schema.
 */
export async function call<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Reply extends z.ZodType,
>(
  route: RouteDefinition<Params, Query, Body, Reply>,
  ...[input]: object extends CallInput<Params, Query, Body>
    ? [CallInput<Params, Query, Body>?]
    : [CallInput<Params, Query, Body>]
): Promise<z.infer<Reply>> {
  const { body, headers, ...rest } = (input ?? {}) as LooseInput & { body?: unknown };
  const response = await request(route as unknown as RouteDefinition, {
    ...rest,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { content: JSON.stringify(body) }),
  });
  if (response.status === 204) return undefined as z.infer<Reply>;
  return (await response.json()) as z.infer<Reply>;
}
