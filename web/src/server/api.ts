import { AppError, decodeSignIn, type RouteDefinition, signInCookieName } from "@remote-claude/protocol";
import { cookies, headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import type { z } from "zod";
import { config } from "../config.ts";
import { errorOfAnswer, urlOf } from "../lib/api.ts";
import { signInUrl } from "../lib/go-to-sign-in.ts";

/** The id in the sign-in cookie, or null when there is none (or something that is none). */
export async function findSignInId(): Promise<string | null> {
  return decodeSignIn((await cookies()).get(signInCookieName(config().PUBLIC_URL))?.value);
}

/** Asks the api on behalf of the person whose page is being made; throws AppError. */
export async function ask<Reply extends z.ZodType>(
  route: RouteDefinition<z.ZodType, z.ZodType, z.ZodType, Reply>,
  params: Record<string, unknown> = {},
): Promise<z.infer<Reply>> {
  const { API_INTERNAL_URL, PUBLIC_URL } = config();
  const signInId = await findSignInId();
  const address = (await headers()).get("x-forwarded-for");
  let response: Response;
  try {
    response = await fetch(`${API_INTERNAL_URL}${urlOf(route, params)}`, {
      method: route.method,
      cache: "no-store",
      headers: {
        // The answer is made into a page: a new cookie would be lost.
        "x-page-request": "1",
        ...(signInId === null ? {} : { cookie: `${signInCookieName(PUBLIC_URL)}=${signInId}` }),
        ...(address === null ? {} : { "x-forwarded-for": address }),
      },
      signal: AbortSignal.timeout(10_000),
    });
  } catch (cause) {
    throw new AppError("unavailable", "The api does not answer.", { cause });
  }
  if (!response.ok) throw errorOfAnswer(response.status, await response.text());
  return (await response.json()) as z.infer<Reply>;
}

/**
 * For pages that need sign-in: what the api answers, or away to the sign-in page, with the way back. Once per
 * request for the same route.
 */
export const askSignedIn = cache(async function askSignedIn<Reply extends z.ZodType>(
  route: RouteDefinition<z.ZodType, z.ZodType, z.ZodType, Reply>,
  id?: string,
): Promise<z.infer<Reply>> {
  const away = async () => redirect(signInUrl((await headers()).get("x-path") ?? "/"));
  if ((await findSignInId()) === null) return away();
  try {
    return await ask(route, { sessionId: id });
  } catch (error) {
    if (error instanceof AppError && error.code === "unauthenticated") return away();
    throw error;
  }
});
