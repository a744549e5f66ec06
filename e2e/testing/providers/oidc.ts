import type { IncomingMessage, ServerResponse } from "node:http";
import Provider, { type Configuration } from "oidc-provider";
import { freePort } from "../product.ts";
import { formOf, type Running, sendPage, serve } from "./listen.ts";

export interface OidcAccount {
  readonly email: string;
  readonly emailVerified?: boolean;
  readonly name?: string;
  readonly groups?: readonly string[];
}

export const oidcClient = { id: "remote-claude", secret: "the secret of the client, long enough" };

/** A certified provider (npm oidc-provider) whose people are `accounts`: change them as a directory changes. */
export async function startOidc(
  publicUrl: string,
  accounts: Map<string, OidcAccount>,
): Promise<Running & { issuer: string }> {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, configuration(publicUrl, accounts));
  // It says so of every http issuer.
  provider.on("server_error", () => {});
  const handle = provider.callback();
  const { server, close } = await serve((request, response, url) =>
    url.pathname.startsWith("/interaction/")
      ? interact(provider, request, response)
      : handle(request, response),
  );
  await new Promise<void>((resolve) => server.close(() => resolve()));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { issuer, url: issuer, close };
}

function configuration(publicUrl: string, accounts: Map<string, OidcAccount>): Configuration {
  return {
    clients: [
      {
        client_id: oidcClient.id,
        client_secret: oidcClient.secret,
        redirect_uris: [`${publicUrl}/auth/callback/oidc`],
        post_logout_redirect_uris: [`${publicUrl}/sign-in`],
        backchannel_logout_uri: `${publicUrl}/api/auth/oidc/oidc/backchannel-logout`,
        backchannel_logout_session_required: true,
      },
    ],
    cookies: { keys: ["of the tests"] },
    claims: {
      openid: ["sub"],
      email: ["email", "email_verified"],
      profile: ["name"],
      groups: ["groups"],
    },
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      Grant: 3600,
      IdToken: 600,
      Interaction: 600,
      Session: 3600,
    },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
    // It refuses to call addresses of its own machine, where everything of these tests is.
    fetch: (url, init = {}) => {
      const { dispatcher: _, ...options } = init as RequestInit & { dispatcher?: unknown };
      return fetch(url, options);
    },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, id) => {
      const account = accounts.get(id);
      if (account === undefined) return undefined;
      return {
        accountId: id,
        claims: () => ({
          sub: id,
          email: account.email,
          email_verified: account.emailVerified ?? true,
          name: account.name ?? id,
          groups: [...(account.groups ?? [])],
        }),
      };
    },
  };
}

/** A page that asks who one is, and consent to everything. */
async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (prompt.name === "consent") {
    const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
    const grant =
      known ??
      new provider.Grant({ accountId: session?.accountId ?? "", clientId: String(params.client_id) });
    grant.addOIDCScope(String(params.scope));
    const result = { consent: { grantId: await grant.save() } };
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
  }
  if (request.method !== "POST") {
    sendPage(
      response,
      '<title>Example</title><form method="post"><label>Account <input name="account"></label><button>Log in</button></form>',
    );
    return;
  }
  const accountId = (await formOf(request)).get("account") ?? "";
  await provider.interactionFinished(request, response, { login: { accountId } });
}
