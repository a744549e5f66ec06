import {
  AppError,
  getSignInSettings,
  type ProviderCheck,
  type SignInProviderSettings,
  type SignInSettings,
  testSignInProvider,
} from "@remote-claude/protocol";
import type { Context } from "../context.ts";
import { implement } from "../http/implement.ts";
import type { GroupRule } from "../sign-in-config/index.ts";
import { probeDirectory, probeGithub, probeOidc, probeSaml } from "./probe.ts";
import { acsUrl } from "./saml.ts";
import { findKnownSamlIdp } from "./saml-provider.ts";
import { signInWarnings } from "./warnings.ts";

interface Provider extends SignInProviderSettings {
  readonly probe: () => Promise<ProviderCheck[]>;
}

type Fact = readonly [name: string, value: string | null | undefined];

/** Those that are set; secrets are never among them. */
const factsOf = (...facts: Fact[]) => facts.flatMap(([name, value]) => (value ? [{ name, value }] : []));

/** Every provider that is set, with how its connection is tried. */
function providersOf(context: Context): Provider[] {
  const { signIn, publicUrl } = context.config;
  const { oidc, github, saml, ldap } = signIn;
  const all: Provider[] = oidc.map((provider) => ({
    id: provider.id,
    name: provider.name,
    kind: "oidc",
    facts: factsOf(
      ["Issuer", provider.issuer],
      ["Client id", provider.clientId],
      ["Callback URL to register", `${publicUrl}/auth/callback/${provider.id}`],
      ["Scopes", provider.scopes],
      ["Groups in the claim", provider.groupsClaim],
      ["Addresses count as verified", provider.trustEmail ? "all of them" : "those it says so of"],
      ["Back-channel logout URL to register", `${publicUrl}/api/auth/oidc/${provider.id}/backchannel-logout`],
    ),
    probe: () => probeOidc(context, provider),
  }));
  if (github !== null) {
    all.push({
      id: "github",
      name: "GitHub",
      kind: "github",
      facts: factsOf(
        ["Address", github.url],
        ["Client id", github.clientId],
        ["Callback URL to register", `${publicUrl}/auth/callback/github`],
        ["Only members of", github.organisations.join(", ")],
      ),
      probe: () => probeGithub(context, github),
    });
  }
  if (saml !== null) {
    const idp = findKnownSamlIdp(context, saml);
    all.push({
      id: "saml",
      name: saml.name,
      kind: "saml",
      facts: factsOf(
        ["Its metadata", saml.idp.kind === "metadata" ? saml.idp.url : saml.idp.file],
        ["Identity provider", idp?.issuer ?? (saml.idp.kind === "metadata" ? saml.idp.entityId : null)],
        ["Address for signing in", idp?.entryPoint],
        ["Address for signing out", idp?.logoutUrl],
        ["Our entity id", saml.entityId],
        ["Our address for answers", acsUrl(publicUrl)],
        ["Our metadata", `${publicUrl}/api/auth/saml/metadata`],
        ["Encrypted assertions", saml.keyPair === null ? "no key of ours is set" : "opened with our key"],
        ["Groups in the attribute", saml.attributes.groups],
        ["Addresses count as verified", "all of them"],
      ),
      probe: () => probeSaml(context, saml),
    });
  }
  if (ldap !== null) {
    all.push({
      id: "ldap",
      name: ldap.name,
      kind: "ldap",
      facts: factsOf(
        ["Directory", ldap.url],
        ["StartTLS", ldap.url.startsWith("ldaps:") ? null : ldap.startTls ? "on" : "off: in the clear"],
        ["Searched as", ldap.bind?.dn ?? "anonymous"],
        ["People below", ldap.baseDn],
        ["Filter", ldap.userFilter],
        ["Groups below", ldap.groups?.baseDn],
        ["Addresses count as verified", ldap.trustEmail ? "all of them" : "none"],
      ),
      probe: () => probeDirectory(ldap),
    });
  }
  return all;
}

const ruleInWords = ({ provider, group }: GroupRule) =>
  provider === null ? group : `${group} of ${provider}`;

function presentSignInSettings(context: Context): SignInSettings {
  const { signIn, allowedDomains } = context.config;
  const { roleMapping } = signIn;
  return {
    password: signIn.password,
    signUp: signIn.signUp,
    maxHours: signIn.maxMs / 3_600_000,
    allowedDomains: [...allowedDomains],
    roleMapping:
      roleMapping === null
        ? null
        : {
            admin: roleMapping.admin.map(ruleInWords),
            auditor: roleMapping.auditor.map(ruleInWords),
            member: roleMapping.member.map(ruleInWords),
          },
    providers: providersOf(context).map(({ id, name, kind, facts }) => ({ id, name, kind, facts })),
    warnings: signInWarnings(signIn),
  };
}

export const signInSettingsRoutes = {
  getSignInSettings: implement(getSignInSettings, async ({ context }) => presentSignInSettings(context)),

  testSignInProvider: implement(testSignInProvider, async ({ context, params }) => {
    const provider = providersOf(context).find(({ id }) => id === params.providerId);
    if (provider === undefined) throw new AppError("not_found", "There is no such sign-in provider.");
    const checks = await provider.probe();
    return { ok: checks.every(({ ok }) => ok), checks };
  }),
};
