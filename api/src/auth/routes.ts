import {
  createToken,
  getUser,
  listSignIns,
  listTokens,
  login,
  logout,
  revokeSignIn,
  revokeToken,
} from "@remote-claude/protocol";
import { implement } from "../http/implement.ts";
import { accountRoutes } from "./account-routes.ts";
import { clearSignInCookie, setSignInCookie } from "./cookie.ts";
import { deviceRoutes } from "./device-routes.ts";
import { presentSignIn, presentToken, presentUser } from "./present.ts";
import { sourceOf } from "./principal.ts";
import * as signIns from "./sign-in.ts";
import * as tokens from "./tokens.ts";

export const authRoutes = {
  ...accountRoutes,
  ...deviceRoutes,

  login: implement(login, async ({ context, body, request, response, requestId }) => {
    const { signInId, user } = await signIns.signInByPassword(context, body, sourceOf(request, requestId));
    setSignInCookie(response, context.config, signInId);
    return { user: presentUser(user) };
  }),

  logout: implement(logout, async ({ context, principal, response }) => {
    if (principal?.via.kind === "sign-in") await signIns.revokeSignIn(context, principal, principal.via.id);
    clearSignInCookie(response, context.config);
  }),

  getUser: implement(getUser, async ({ principal }) => ({ user: presentUser(principal) })),

  listTokens: implement(listTokens, async ({ context, principal }) => ({
    tokens: (await tokens.listTokens(context, principal)).map(presentToken),
  })),

  createToken: implement(createToken, async ({ context, principal, body }) => {
    const { token, secret } = await tokens.createToken(context, principal, body);
    return { token: presentToken(token), secret };
  }),

  revokeToken: implement(revokeToken, async ({ context, principal, params }) => {
    await tokens.revokeToken(context, principal, params.tokenId);
  }),

  listSignIns: implement(listSignIns, async ({ context, principal }) => {
    const current = principal.via.kind === "sign-in" ? principal.via.id : null;
    const rows = await signIns.listSignIns(context, principal);
    return { signIns: rows.map((row) => presentSignIn(row, current)) };
  }),

  revokeSignIn: implement(revokeSignIn, async ({ context, principal, params }) => {
    await signIns.revokeSignIn(context, principal, params.signInId);
  }),
};
