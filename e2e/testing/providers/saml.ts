import { idpIssuer, requestIdOf, samlAnswerOf } from "../../../api/src/identities/testing/saml-idp.ts";
import { formOf, type Running, sendPage, serve } from "./listen.ts";

export interface SamlAccount {
  readonly email: string;
  readonly groups: readonly string[];
}

export { idpCertificate, spCertificate, spKey } from "../../../api/src/identities/testing/certificates.ts";
export { idpIssuer };

/** An identity provider that asks who one is and answers with a signed and encrypted assertion. */
export async function startSaml(publicUrl: string, accounts: Map<string, SamlAccount>): Promise<Running> {
  const acs = `${publicUrl}/api/auth/saml/acs`;
  return serve(async (request, response, url) => {
    if (url.pathname === "/slo")
      return sendPage(response, "<title>Signed out</title><h1>Signed out there</h1>");
    if (request.method !== "POST") {
      return sendPage(
        response,
        `<title>SAML</title><form method="post"><input type="hidden" name="request" value="${requestIdOf(url.href)}"><label>Account <input name="account"></label><button>Log in</button></form>`,
      );
    }
    const form = await formOf(request);
    const nameId = form.get("account") ?? "";
    const account = accounts.get(nameId);
    const answer = await samlAnswerOf({
      requestId: form.get("request") ?? "",
      acs,
      audience: `${publicUrl}/api/auth/saml/metadata`,
      nameId,
      attributes: { email: [account?.email ?? ""], groups: account?.groups ?? [] },
      encrypt: true,
    });
    sendPage(
      response,
      `<title>SAML</title><form method="post" action="${acs}"><input type="hidden" name="SAMLResponse" value="${answer}"><button>Go on</button></form><script>document.forms[0].submit()</script>`,
    );
  });
}
