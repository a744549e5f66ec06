import NextAuth from "next-auth";
import { authOptions } from "../../../server/auth-options.ts";
import { fetchProviders } from "../../../server/providers.ts";

type Context = { params: Promise<{ nextauth: string[] }> };

/** A sign-in is a few hundred bytes; what is longer, or hides its length, is not read at all. */
const maxBodyBytes = 64 * 1024;

function isReadable(request: Request): boolean {
  if (request.method !== "POST") return true;
  const length = request.headers.get("content-length");
  return length !== null && Number(length) <= maxBodyBytes;
}

/** The steps for which next-auth must know the organisation's providers. */
const withProviders = new Set(["signin", "callback"]);
const noProviders = { oidc: [], github: null };

/** Options at request time: the build must not need the configuration. */
async function handle(request: Request, context: Context): Promise<Response> {
  if (!isReadable(request)) return new Response("The request is too large.", { status: 413 });
  try {
    const [step = ""] = (await context.params).nextauth;
    const providers = withProviders.has(step) ? await fetchProviders() : noProviders;
    const response: unknown = await NextAuth(authOptions(providers, request.headers))(request, context);
    return response as Response;
  } catch (error) {
    // What next-auth throws before it looks at the proof: a body that is not what its type says.
    if (error instanceof SyntaxError || error instanceof TypeError) {
      return new Response("The request cannot be read.", { status: 400 });
    }
    throw error;
  }
}

export { handle as GET, handle as POST };
