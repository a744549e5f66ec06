import {
  backChannelLogout,
  getSamlMetadata,
  handOverCookieName,
  LogoutForm,
  parseOrRefuse,
  SamlForm,
  samlAnswer,
  samlLogin,
  samlSignedOut,
  signOutAtProvider,
} from "@remote-claude/protocol";
import { guardBeginning, sourceOf } from "../auth/index.ts";
import { readForm } from "../http/form.ts";
import { implement, sent } from "../http/implement.ts";
import { endByLogoutToken } from "./back-channel.ts";
import { samlMetadata } from "./saml.ts";
import { endBySamlLogout } from "./saml-logout.ts";
import { beginSaml, endSaml, samlOf } from "./saml-sign-in.ts";
import { findSignOutUrl } from "./sign-out.ts";

/** A signed and encrypted answer with many groups is some tens of kilobytes. */
const maxAnswerBytes = 512 * 1024;

export const identityRoutes = {
  samlLogin: implement(samlLogin, async (input): Promise<typeof sent> => {
    const { context, query, request, response, requestId } = input;
    // Each beginning is a row, and anybody may ask.
    await guardBeginning(context, sourceOf(request, requestId));
    const { url, binding } = await beginSaml(context, query.callbackUrl);
    const secure = context.config.publicUrl.startsWith("https:");
    response.cookie(handOverCookieName(context.config.publicUrl), binding, {
      httpOnly: true,
      sameSite: "lax",
      secure,
      path: "/",
      maxAge: 20 * 60_000,
    });
    response.redirect(303, url);
    return sent;
  }),

  samlAnswer: implement(
    samlAnswer,
    async ({ context, request, response, requestId }): Promise<typeof sent> => {
      await readForm(request, response, maxAnswerBytes);
      const { SAMLResponse } = parseOrRefuse(SamlForm, request.body, "the form");
      const end = await endSaml(context, SAMLResponse, sourceOf(request, requestId));
      // Behind the `#`: no server's log ever sees the code.
      const path =
        end.kind === "code"
          ? `/sign-in/code?callbackUrl=${encodeURIComponent(end.goTo)}#${end.code}`
          : `/sign-in?error=${end.reason}`;
      response.redirect(303, `${context.config.publicUrl}${path}`);
      return sent;
    },
  ),

  getSamlMetadata: implement(getSamlMetadata, async ({ context, response }): Promise<typeof sent> => {
    response.type("application/xml").send(samlMetadata(context, samlOf(context)));
    return sent;
  }),

  samlSignedOut: implement(
    samlSignedOut,
    async ({ context, query, request, response, requestId }): Promise<typeof sent> => {
      const config = samlOf(context);
      const goTo =
        query.SAMLRequest === undefined
          ? `${context.config.publicUrl}/sign-in`
          : await endBySamlLogout(
              context,
              config,
              request.originalUrl.replace(/^[^?]*\??/, ""),
              sourceOf(request, requestId),
            );
      response.redirect(303, goTo);
      return sent;
    },
  ),

  backChannelLogout: implement(
    backChannelLogout,
    async ({ context, params, request, response, requestId }): Promise<typeof sent> => {
      response.setHeader("cache-control", "no-store");
      await readForm(request, response, maxAnswerBytes);
      const { logout_token } = parseOrRefuse(LogoutForm, request.body, "the form");
      await endByLogoutToken(context, params.providerId, logout_token, sourceOf(request, requestId));
      response.status(200).end();
      return sent;
    },
  ),

  signOutAtProvider: implement(signOutAtProvider, async ({ context, principal }) => ({
    url: await findSignOutUrl(context, principal),
  })),
};
