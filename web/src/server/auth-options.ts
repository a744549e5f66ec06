import {
  AppError,
  decodeSignIn,
  encodeSignIn,
  handOverCookieName,
  type Identity,
  type InternalSignInProviders,
  type InternalSignInRequest,
  signInCookieName,
  signInIdleSeconds,
} from "@remote-claude/protocol";
import type { Account, NextAuthOptions, User } from "next-auth";
import CredentialsProvider from "next-auth/providers/credentials";
import { config } from "../config.ts";
import { type GithubProfile, identityOfClaims, identityOfGithub } from "./identity.ts";
import { githubProvider, oidcProvider } from "./providers.ts";
import { endSignIn, makeSignIn } from "./sign-ins.ts";

/** What `authorize` gives to the `jwt` callback: the id of the sign-in, which is all that the cookie keeps. */
interface SignedIn extends User {
  signInId: string;
}

async function authorize(
  proof: InternalSignInRequest["proof"],
  headers: Record<string, string | string[] | undefined> | undefined,
): Promise<SignedIn> {
  try {
    const { signInId, user } = await makeSignIn(proof, headers ?? {});
    return { id: user.id, email: user.email, name: user.name, signInId };
  } catch (error) {
    // next-auth hands the message, and nothing else, to the page that asked.
    throw new Error(error instanceof AppError ? error.message : "Sign-in failed. Try again.");
  }
}

/** What the browser got when it left for SAML; without it the code counts for nothing. */
function handOverOf(headers: Headers): string {
  const name = handOverCookieName(config().PUBLIC_URL);
  const cookies = headers.get("cookie")?.split(/; */) ?? [];
  return cookies.find((cookie) => cookie.startsWith(`${name}=`))?.slice(name.length + 1) || "none";
}

/** Whom a provider has said this is; null for a sign-in that `authorize` has made already. */
function identityOf(
  providers: InternalSignInProviders,
  account: Account,
  profile: Record<string, unknown>,
): Identity | null {
  if (account.provider === "github") return identityOfGithub(profile as unknown as GithubProfile);
  const provider = providers.oidc.find(({ id }) => id === account.provider);
  return provider === undefined ? null : identityOfClaims(provider, profile);
}

/** After a provider: the api links or makes the person, or says why not. The address to go to then, or true. */
async function admit(
  identity: Identity,
  account: Account,
  user: Partial<SignedIn>,
  headers: Headers,
): Promise<true | string> {
  const proof = { kind: "identity", identity, idToken: account.id_token ?? null } as const;
  try {
    const made = await makeSignIn(proof, Object.fromEntries(headers));
    user.signInId = made.signInId;
    return true;
  } catch (error) {
    const reason = error instanceof AppError ? error.details?.reason : undefined;
    if (reason === undefined) write("error", "SIGN_IN_WITH_PROVIDER", error);
    return `/sign-in?error=${encodeURIComponent(typeof reason === "string" ? reason : "unavailable")}`;
  }
}

/** An expired or foreign cookie is no error: the person is simply not signed in. */
const quiet = new Set(["JWT_SESSION_ERROR", "CLIENT_FETCH_ERROR"]);

function write(level: string, code: string, metadata: unknown): void {
  const message = metadata instanceof Error ? metadata.message : undefined;
  process.stdout.write(
    `${JSON.stringify({ level, time: Date.now(), name: "web", msg: code, detail: message })}\n`,
  );
}

/**
 * next-auth with jwt sessions and no adapter. Its "token" is only ever `{ signInId }`, encoded as the bare id, so
 * the api reads the same cookie; who that is, and whether it still counts, only the api's row says.
 */
export function authOptions(providers: InternalSignInProviders, headers: Headers): NextAuthOptions {
  const { INTERNAL_SECRET, PUBLIC_URL } = config();
  const secure = PUBLIC_URL.startsWith("https:");
  return {
    // Signs next-auth's own short-lived cookies (CSRF); the sign-in cookie needs no key.
    secret: `next-auth ${INTERNAL_SECRET}`,
    useSecureCookies: secure,
    session: { strategy: "jwt", maxAge: signInIdleSeconds },
    pages: { signIn: "/sign-in", signOut: "/sign-in", error: "/sign-in" },
    cookies: {
      sessionToken: {
        name: signInCookieName(PUBLIC_URL),
        options: { httpOnly: true, sameSite: "lax", path: "/", secure },
      },
    },
    providers: [
      CredentialsProvider({
        id: "password",
        name: "Password",
        credentials: {
          email: { type: "email" },
          password: { type: "password" },
          secondFactor: { type: "text" },
        },
        authorize: (credentials, request) =>
          authorize(
            {
              kind: "password",
              email: credentials?.email ?? "",
              password: credentials?.password ?? "",
              ...(credentials?.secondFactor ? { secondFactor: credentials.secondFactor } : {}),
            },
            request.headers,
          ),
      }),
      CredentialsProvider({
        id: "link",
        name: "One-time link",
        credentials: { token: { type: "text" } },
        authorize: (credentials, request) =>
          authorize({ kind: "link", token: credentials?.token ?? "" }, request.headers),
      }),
      CredentialsProvider({
        id: "code",
        name: "Hand-over code",
        credentials: { token: { type: "text" } },
        authorize: (credentials, request) =>
          authorize(
            { kind: "code", token: credentials?.token ?? "", binding: handOverOf(headers) },
            request.headers,
          ),
      }),
      CredentialsProvider({
        id: "ldap",
        name: "Directory",
        credentials: { login: { type: "text" }, password: { type: "password" } },
        authorize: (credentials, request) =>
          authorize(
            { kind: "ldap", login: credentials?.login ?? "", password: credentials?.password ?? "" },
            request.headers,
          ),
      }),
      ...providers.oidc.map(oidcProvider),
      ...(providers.github === null ? [] : [githubProvider(providers.github)]),
    ],
    jwt: {
      encode: async ({ token }) => (typeof token?.signInId === "string" ? encodeSignIn(token.signInId) : ""),
      decode: async ({ token }) => {
        const signInId = decodeSignIn(token);
        return signInId === null ? null : { signInId };
      },
    },
    callbacks: {
      signIn: ({ user, account, profile }) => {
        const identity = account && profile ? identityOf(providers, account, { ...profile }) : null;
        return account === null || identity === null ? true : admit(identity, account, user, headers);
      },
      jwt: ({ token, user }) =>
        user === undefined ? token : { signInId: (user as Partial<SignedIn>).signInId ?? null },
    },
    events: {
      signOut: async ({ token }) => {
        if (typeof token?.signInId === "string") await endSignIn(token.signInId);
      },
    },
    logger: {
      error: (code, metadata) => {
        if (!quiet.has(code)) write("error", code, (metadata as { error?: unknown }).error ?? metadata);
      },
      warn: (code) => write("warn", code, undefined),
      debug: () => undefined,
    },
  };
}
