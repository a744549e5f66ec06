import {
  AppError,
  InternalSignInReply,
  type InternalSignInRequest,
  signInCookieName,
} from "@remote-claude/protocol";
import { config } from "../config.ts";
import { errorOfAnswer } from "../lib/api.ts";

type Headers = Record<string, string | string[] | undefined>;

const first = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);

/** The client's address as our gateway wrote it: the last entry; those before it are the client's own words. */
function addressOf(headers: Headers): string | null {
  return first(headers["x-forwarded-for"])?.split(",").at(-1)?.trim() || null;
}

/** Has the api check a proof and make the sign-in. Throws AppError with a sentence for the person. */
export async function makeSignIn(
  proof: InternalSignInRequest["proof"],
  headers: Headers,
): Promise<InternalSignInReply> {
  const { API_INTERNAL_URL, INTERNAL_SECRET } = config();
  const request: InternalSignInRequest = {
    proof,
    userAgent: first(headers["user-agent"])?.slice(0, 1000) ?? null,
    address: addressOf(headers)?.slice(0, 100) ?? null,
  };
  let response: Response;
  try {
    response = await fetch(`${API_INTERNAL_URL}/internal/sign-ins`, {
      method: "POST",
      cache: "no-store",
      headers: { "content-type": "application/json", authorization: `Bearer ${INTERNAL_SECRET}` },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(15_000),
    });
  } catch (cause) {
    throw new AppError("unavailable", "Sign-in is not available right now. Try again in a moment.", {
      cause,
    });
  }
  if (!response.ok) throw errorOfAnswer(response.status, await response.text());
  return InternalSignInReply.parse(await response.json());
}

/** Ends a sign-in in the api, sockets included. */
export async function endSignIn(signInId: string): Promise<void> {
  const { API_INTERNAL_URL, PUBLIC_URL } = config();
  await fetch(`${API_INTERNAL_URL}/api/auth/logout`, {
    method: "POST",
    cache: "no-store",
    headers: { cookie: `${signInCookieName(PUBLIC_URL)}=${signInId}`, origin: PUBLIC_URL },
    signal: AbortSignal.timeout(10_000),
  });
}
