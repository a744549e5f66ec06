import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { ConfigError } from "@remote-claude/service/settings";
import { attempt } from "./attempt.ts";
import type { SignInEnvironment } from "./environment.ts";
import { MetadataError, readSamlMetadata, type SamlIdp } from "./saml-metadata.ts";

export interface SamlConfig {
  readonly name: string;
  /** Known from the start, or read from the provider's own metadata (identities/saml-provider.ts). */
  readonly idp:
    | { readonly kind: "known"; readonly idp: SamlIdp; readonly file: string | null }
    | { readonly kind: "metadata"; readonly url: string; readonly entityId: string | null };
  readonly entityId: string;
  readonly keyPair: { readonly privateKey: string; readonly certificate: string } | null;
  readonly attributes: { readonly email: string; readonly name: string; readonly groups: string | null };
}

export function saml(environment: SignInEnvironment, publicUrl: string): SamlConfig | null {
  const idp = identityProvider(environment);
  if (idp === null) return null;
  return {
    name: environment.SAML_NAME ?? new URL(idp.kind === "known" ? idp.idp.entryPoint : idp.url).hostname,
    idp,
    entityId: environment.SAML_ENTITY_ID ?? `${publicUrl}/api/auth/saml/metadata`,
    keyPair: samlKeyPair(environment),
    attributes: {
      email: environment.SAML_EMAIL_ATTRIBUTE,
      name: environment.SAML_NAME_ATTRIBUTE,
      groups: environment.SAML_GROUPS_ATTRIBUTE ?? null,
    },
  };
}

function identityProvider(environment: SignInEnvironment): SamlConfig["idp"] | null {
  const { SAML_METADATA_URL: url, SAML_METADATA_FILE: file, SAML_IDP_ISSUER: issuer = null } = environment;
  if (url === undefined && file === undefined) return fromSettings(environment);
  if (url !== undefined && file !== undefined) {
    throw new ConfigError("SAML_METADATA_URL and SAML_METADATA_FILE exclude each other");
  }
  for (const name of ["SAML_ENTRY_POINT", "SAML_IDP_CERTIFICATE", "SAML_LOGOUT_URL"] as const) {
    if (environment[name] !== undefined) {
      throw new ConfigError(`${name} is said by the provider's metadata: remove it, or the metadata`);
    }
  }
  if (url !== undefined) return { kind: "metadata", url, entityId: issuer };
  const path = file as string;
  const xml = attempt("SAML_METADATA_FILE cannot be read", () => readFileSync(path, "utf8"));
  try {
    return { kind: "known", idp: readSamlMetadata(xml, issuer, new Date()), file: path };
  } catch (error) {
    throw error instanceof MetadataError ? new ConfigError(`SAML_METADATA_FILE: ${error.message}`) : error;
  }
}

function fromSettings(environment: SignInEnvironment): SamlConfig["idp"] | null {
  const { SAML_ENTRY_POINT, SAML_IDP_ISSUER, SAML_IDP_CERTIFICATE } = environment;
  if (SAML_ENTRY_POINT === undefined && SAML_IDP_ISSUER === undefined) return null;
  if (SAML_ENTRY_POINT === undefined || SAML_IDP_ISSUER === undefined || SAML_IDP_CERTIFICATE === undefined) {
    throw new ConfigError(
      "SAML_ENTRY_POINT, SAML_IDP_ISSUER and SAML_IDP_CERTIFICATE belong together; or set SAML_METADATA_URL or SAML_METADATA_FILE",
    );
  }
  return {
    kind: "known",
    file: null,
    idp: {
      issuer: SAML_IDP_ISSUER,
      entryPoint: SAML_ENTRY_POINT,
      certificates: certificates("SAML_IDP_CERTIFICATE", SAML_IDP_CERTIFICATE),
      logoutUrl: environment.SAML_LOGOUT_URL ?? null,
      wantsSignedRequests: false,
      validUntil: null,
    },
  };
}

function samlKeyPair(environment: SignInEnvironment): SamlConfig["keyPair"] {
  const { SAML_PRIVATE_KEY: privateKey, SAML_CERTIFICATE: certificate } = environment;
  if (privateKey === undefined && certificate === undefined) return null;
  if (privateKey === undefined || certificate === undefined) {
    throw new ConfigError("SAML_PRIVATE_KEY and SAML_CERTIFICATE belong together");
  }
  const [first = ""] = certificates("SAML_CERTIFICATE", certificate);
  const fits = attempt("SAML_PRIVATE_KEY: a private key in PEM", () =>
    new X509Certificate(first).checkPrivateKey(createPrivateKey(privateKey)),
  );
  if (!fits) throw new ConfigError("SAML_CERTIFICATE is not the certificate of SAML_PRIVATE_KEY");
  return { privateKey, certificate: first };
}

/** One or more certificates; a bare base64 block, as metadata has it, will do too. */
function certificates(variable: string, text: string): string[] {
  const pem = text.includes("-----BEGIN")
    ? (text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [])
    : [`-----BEGIN CERTIFICATE-----\n${text.trim()}\n-----END CERTIFICATE-----`];
  if (pem.length === 0) throw new ConfigError(`${variable}: no certificate in it`);
  return attempt(`${variable}: a certificate in PEM`, () =>
    pem.map((one) => new X509Certificate(one).toString()),
  );
}
