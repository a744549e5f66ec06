import { AppError, InternalSignInProviders } from "@remote-claude/protocol";
import type { OAuthConfig } from "next-auth/providers/oauth";
import { config } from "../config.ts";
import { fetchGithubProfile } from "./github.ts";
import type { GithubProfile } from "./identity.ts";

type Oidc = InternalSignInProviders["oidc"][number];
type Github = NonNullable<InternalSignInProviders["github"]>;
type Claims = Record<string, unknown> & { sub: string };

const withoutSlash = (url: string) => url.replace(/\/+$/, "");

/** A provider may be slow; a person waits no longer than this. */
const httpOptions = { timeout: 10_000 };

/** What the api is set to, asked for each sign-in: a restart with other settings needs none here. */
export async function fetchProviders(): Promise<InternalSignInProviders> {
  const { API_INTERNAL_URL, INTERNAL_SECRET } = config();
  const response = await fetch(`${API_INTERNAL_URL}/internal/sign-in-providers`, {
    cache: "no-store",
    headers: { authorization: `Bearer ${INTERNAL_SECRET}` },
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new AppError("unavailable", "Sign-in is not available right now.");
  return InternalSignInProviders.parse(await response.json());
}

/** Discovery, PKCE, state and nonce; the id token is checked by next-auth's openid-client. */
export function oidcProvider(provider: Oidc): OAuthConfig<Claims> {
  return {
    id: provider.id,
    name: provider.name,
    type: "oauth",
    wellKnown: `${withoutSlash(provider.issuer)}/.well-known/openid-configuration`,
    clientId: provider.clientId,
    clientSecret: provider.clientSecret,
    authorization: { params: { scope: provider.scopes } },
    idToken: true,
    checks: ["pkce", "state", "nonce"],
    httpOptions,
    userinfo: {
      // Many providers put address and groups there alone. The token's own word wins.
      async request({ client, tokens }) {
        const set = tokens as Parameters<typeof client.userinfo>[0] & { claims(): Claims };
        const claims = set.claims();
        // The token was held against what discovery says; discovery itself must say what we were told.
        if (withoutSlash(String(claims.iss)) !== withoutSlash(provider.issuer)) {
          throw new Error(`the provider calls itself ${claims.iss}`);
        }
        const more = client.issuer.metadata.userinfo_endpoint === undefined ? {} : await client.userinfo(set);
        return { ...more, ...claims };
      },
    },
    profile: ({ sub }) => ({ id: sub }),
  };
}

export function githubProvider(github: Github): OAuthConfig<GithubProfile> {
  return {
    id: "github",
    name: "GitHub",
    type: "oauth",
    clientId: github.clientId,
    clientSecret: github.clientSecret,
    authorization: {
      url: `${github.url}/login/oauth/authorize`,
      params: { scope: "read:user user:email read:org" },
    },
    token: `${github.url}/login/oauth/access_token`,
    checks: ["pkce", "state"],
    httpOptions,
    userinfo: {
      request: async ({ tokens }) =>
        // next-auth takes it for the profile; what is in it only we read.
        (await fetchGithubProfile(github.apiUrl, tokens.access_token ?? "")) as never,
    },
    profile: ({ id }) => ({ id: String(id) }),
  };
}
