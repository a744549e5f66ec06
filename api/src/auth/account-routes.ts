import {
  beginSecondFactor,
  changePassword,
  confirmSecondFactor,
  disableSecondFactor,
  getSecurity,
  makeRecoveryCodes,
  revokeOtherSignIns,
} from "@remote-claude/protocol";
import { implement } from "../http/implement.ts";
import * as account from "./account.ts";
import * as secondFactor from "./second-factor.ts";
import { guardAttempt } from "./sign-in.ts";

export const accountRoutes = {
  getSecurity: implement(getSecurity, ({ context, principal }) => account.getSecurity(context, principal)),

  changePassword: implement(changePassword, async ({ context, principal, body }) => {
    await account.changePassword(context, principal, body);
  }),

  beginSecondFactor: implement(beginSecondFactor, ({ context, principal }) =>
    secondFactor.beginSecondFactor(context, principal),
  ),

  confirmSecondFactor: implement(confirmSecondFactor, async ({ context, principal, body }) => {
    const attempt = await guardAttempt(context, principal.email, principal);
    const recoveryCodes = await secondFactor.confirmSecondFactor(context, principal, body.code);
    await attempt.succeeded();
    return { recoveryCodes };
  }),

  disableSecondFactor: implement(disableSecondFactor, async ({ context, principal, body }) => {
    await account.assertPassword(context, principal, body.password);
    await secondFactor.disableSecondFactor(context, principal);
  }),

  makeRecoveryCodes: implement(makeRecoveryCodes, async ({ context, principal, body }) => {
    await account.assertPassword(context, principal, body.password);
    return { recoveryCodes: await secondFactor.makeRecoveryCodes(context, principal) };
  }),

  revokeOtherSignIns: implement(revokeOtherSignIns, async ({ context, principal, query }) => {
    await account.revokeOtherSignIns(context, principal, query.tokens === "revoke");
  }),
};
