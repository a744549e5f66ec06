import { type Profile, SAML, ValidateInResponseTo } from "@node-saml/node-saml";
import { findAddress, type Identity } from "@remote-claude/protocol";
import { z } from "zod";
import type { Context } from "../context.ts";
import type { SamlConfig, SamlIdp } from "../sign-in-config/index.ts";
import type { ProviderSession } from "./provider-session.ts";
import { type KeptRequest, requestMs, SamlRequests, useMessage } from "./saml-messages.ts";
import { getSamlIdp } from "./saml-provider.ts";
import { assertStrongSignatures } from "./saml-signatures.ts";

const clockSkewMs = 60_000;
/** An assertion is for signing in now; its own end may be earlier. */
const maxAssertionAgeMs = 10 * 60_000;
const transient = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
const redirectBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const emailFormat = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";

export const logoutUrl = (publicUrl: string) => `${publicUrl}/api/auth/saml/logout`;
export const acsUrl = (publicUrl: string) => `${publicUrl}/api/auth/saml/acs`;

/** `idp` null: for what says nothing of the identity provider. */
function createSaml(
  context: Context,
  config: SamlConfig,
  idp: SamlIdp | null,
  requests = new SamlRequests(context, null),
): SAML {
  const { publicUrl } = context.config;
  const { keyPair } = config;
  return new SAML({
    issuer: config.entityId,
    audience: config.entityId,
    callbackUrl: acsUrl(publicUrl),
    idpCert: [...(idp?.certificates ?? ["none"])],
    ...(idp === null ? {} : addressesOf(idp)),
    logoutCallbackUrl: logoutUrl(publicUrl),
    // The assertion is what counts; a signature around the whole answer may be there besides.
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: false,
    validateInResponseTo: ValidateInResponseTo.always,
    requestIdExpirationPeriodMs: requestMs,
    cacheProvider: requests,
    acceptedClockSkewMs: clockSkewMs,
    maxAssertionAgeMs,
    disableRequestedAuthnContext: true,
    identifierFormat: null,
    signatureAlgorithm: "sha256",
    digestAlgorithm: "sha256",
    ...(keyPair === null
      ? {}
      : {
          privateKey: keyPair.privateKey,
          publicCert: keyPair.certificate,
          decryptionPvk: keyPair.privateKey,
        }),
  });
}

const addressesOf = ({ issuer, entryPoint, logoutUrl }: SamlIdp) => ({
  entryPoint,
  idpIssuer: issuer,
  logoutUrl: logoutUrl ?? entryPoint,
});

/** Where the browser goes to sign in; what is kept of it comes back with the answer. */
export async function samlSignInUrl(
  context: Context,
  config: SamlConfig,
  begun: Omit<KeptRequest, "instant">,
): Promise<string> {
  const idp = await getSamlIdp(context, config);
  const saml = createSaml(context, config, idp, new SamlRequests(context, begun));
  return saml.getAuthorizeUrlAsync("", undefined, {});
}

export function samlMetadata(context: Context, config: SamlConfig): string {
  const certificate = config.keyPair?.certificate ?? null;
  const saml = createSaml(context, config, null);
  const metadata = saml.generateServiceProviderMetadata(certificate, certificate);
  // The library says that sign-outs are taken by POST; browsers bring no cookie of ours with those, and we take GET.
  return metadata.replace(/(<SingleLogoutService\b[^>]*\bBinding=)"[^"]*"/, `$1"${redirectBinding}"`);
}

/** Where the browser goes to end the session at the identity provider; null: it takes no sign-out. */
export async function samlSignOutUrl(
  context: Context,
  config: SamlConfig,
  session: Extract<ProviderSession, { kind: "saml" }>,
): Promise<string | null> {
  const idp = await getSamlIdp(context, config);
  if (idp.logoutUrl === null) return null;
  const saml = createSaml(context, config, idp);
  const profile: Profile = {
    issuer: idp.issuer,
    nameID: session.nameId,
    nameIDFormat: session.nameIdFormat,
    ...(session.sessionIndex === undefined ? {} : { sessionIndex: session.sessionIndex }),
  };
  return saml.getLogoutUrlAsync(profile, "", {});
}

/** Where the browser goes when what the identity provider asked to end has ended here. */
export async function samlLogoutAnswerUrl(
  context: Context,
  config: SamlConfig,
  request: { readonly id: string; readonly nameId: string; readonly relayState: string | null },
): Promise<string> {
  const idp = await getSamlIdp(context, config);
  if (idp.logoutUrl === null) return `${context.config.publicUrl}/sign-in`;
  const profile: Profile = { issuer: idp.issuer, nameID: request.nameId, nameIDFormat: "", ID: request.id };
  return createSaml(context, config, idp).getLogoutResponseUrlAsync(
    profile,
    request.relayState ?? "",
    {},
    true,
  );
}

export interface SamlAnswer {
  readonly identity: Identity;
  readonly session: Extract<ProviderSession, { kind: "saml" }>;
  readonly request: KeptRequest;
}

/** Checks an answer of the identity provider. Throws an Error that says, for the log, what is wrong with it. */
export async function readSamlAnswer(
  context: Context,
  config: SamlConfig,
  response: string,
): Promise<SamlAnswer> {
  const requests = new SamlRequests(context, null);
  const idp = await getSamlIdp(context, config);
  const { profile } = await createSaml(context, config, idp, requests).validatePostResponseAsync({
    SAMLResponse: response,
  });
  await assertStrongSignatures(response, config.keyPair?.privateKey ?? null);
  if (profile === null || requests.found === null) throw new Error("the answer says nothing of a person");
  const assertion = SignedAssertion.parse(profile.getAssertion?.()).Assertion;
  assertMeantForUs(context, idp, assertion, String(profile.inResponseTo));
  await requests.removeAsync(String(profile.inResponseTo));
  const until = new Date(context.clock.now().getTime() + maxAssertionAgeMs + 2 * clockSkewMs);
  if (!(await useMessage(context, "assertion", assertion.$.ID, until)))
    throw new Error("the assertion was used before");
  return {
    identity: toIdentity(config, profile),
    session: {
      kind: "saml",
      nameId: profile.nameID,
      nameIdFormat: profile.nameIDFormat ?? "",
      ...(profile.sessionIndex === undefined ? {} : { sessionIndex: profile.sessionIndex }),
    },
    request: requests.found,
  };
}

/** What of the signed assertion the library leaves open. */
const SignedAssertion = z.object({
  Assertion: z.object({
    $: z.object({ ID: z.string().min(1) }),
    Issuer: z.tuple([z.object({ _: z.string() })]),
    Subject: z.tuple([
      z.object({
        SubjectConfirmation: z.array(
          z.object({
            SubjectConfirmationData: z.tuple([
              z.object({
                $: z.object({
                  InResponseTo: z.string(),
                  Recipient: z.string(),
                  NotOnOrAfter: z.string(),
                }),
              }),
            ]),
          }),
        ),
      }),
    ]),
    Conditions: z.tuple([z.looseObject({ AudienceRestriction: z.array(z.unknown()).min(1) })]),
  }),
});

/**
 * The answer around the assertion need not be signed, so what it says counts for nothing: the assertion itself must
 * name the request, our address, its issuer and its end.
 */
function assertMeantForUs(
  context: Context,
  idp: SamlIdp,
  { Issuer: [issuer], Subject: [subject] }: z.infer<typeof SignedAssertion>["Assertion"],
  requestId: string,
): void {
  if (issuer._ !== idp.issuer) throw new Error("the assertion is of another issuer");
  const now = Date.now();
  const fits = subject.SubjectConfirmation.some(({ SubjectConfirmationData: [{ $: data }] }) => {
    const end = Date.parse(data.NotOnOrAfter) + clockSkewMs;
    return (
      data.InResponseTo === requestId && data.Recipient === acsUrl(context.config.publicUrl) && end > now
    );
  });
  if (!fits) throw new Error("the assertion is not for this request and this address, or it is too old");
}

function toIdentity({ attributes }: SamlConfig, profile: Profile): Identity {
  if (profile.nameIDFormat === transient) {
    throw new Error("the name id is transient: nobody could be known again by it");
  }
  const email =
    firstOf(profile, attributes.email) ?? (profile.nameIDFormat === emailFormat ? profile.nameID : null);
  return {
    provider: "saml",
    subject: profile.nameID,
    email: findAddress(email),
    // The identity provider is the organisation's own.
    emailVerified: true,
    name: firstOf(profile, attributes.name)?.slice(0, 200) ?? null,
    groups: attributes.groups === null ? null : valuesOf(profile, attributes.groups).slice(0, 2000),
  };
}

function valuesOf(profile: Profile, attribute: string): string[] {
  const attributes = (profile.attributes ?? {}) as Record<string, unknown>;
  const value = Object.hasOwn(attributes, attribute) ? attributes[attribute] : [];
  return [value].flat().filter((one): one is string => typeof one === "string" && one.trim() !== "");
}

const firstOf = (profile: Profile, attribute: string) => valuesOf(profile, attribute)[0]?.trim() ?? null;
