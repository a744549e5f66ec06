import type { InternalSignInProviders, PublicConfig } from "@remote-claude/protocol";
import type { SignInConfig } from "../sign-in-config/index.ts";

/** For the sign-in page: what there is, in the order of its buttons. */
export function presentProviders(config: SignInConfig): PublicConfig["signIn"]["providers"] {
  const { oidc, github, saml, ldap } = config;
  return [
    ...oidc.map(({ id, name }) => ({ id, name, kind: "oidc" as const })),
    ...(saml === null ? [] : [{ id: "saml", name: saml.name, kind: "saml" as const }]),
    ...(github === null ? [] : [{ id: "github", name: "GitHub", kind: "github" as const }]),
    ...(ldap === null ? [] : [{ id: "ldap", name: ldap.name, kind: "ldap" as const }]),
  ];
}

/** For web, on the internal address. */
export function presentInternalProviders({ oidc, github }: SignInConfig): InternalSignInProviders {
  return {
    oidc: [...oidc],
    github:
      github === null
        ? null
        : {
            clientId: github.clientId,
            clientSecret: github.clientSecret,
            url: github.url,
            apiUrl: github.apiUrl,
          },
  };
}
