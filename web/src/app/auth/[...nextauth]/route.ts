import NextAuth from "next-auth";
import { authOptions } from "../../../server/auth-options.ts";

type Context = { params: Promise<{ nextauth: string[] }> };

/** Options at request time: the build must not need the configuration. */
async function handle(request: Request, context: Context): Promise<Response> {
  const response: unknown = await NextAuth(authOptions())(request, context);
  return response as Response;
}

export { handle as GET, handle as POST };
