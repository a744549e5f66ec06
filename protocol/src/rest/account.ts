import * as z from "zod";
import { NewPassword, Password } from "./auth.ts";
import { route } from "./route.ts";

export const getSecurity = route({
  method: "GET",
  path: "/api/auth/security",
  summary: "How your account is protected",
  needs: "signed-in",
  scope: "full",
  reply: z.object({
    /** Whether there is a password to sign in with, and this installation takes it. */
    password: z.boolean(),
    secondFactor: z.boolean(),
    recoveryCodesLeft: z.int(),
  }),
});

export const changePassword = route({
  method: "POST",
  path: "/api/auth/password",
  summary: "Change your password; every other sign-in and device of yours ends",
  needs: "signed-in",
  scope: "full",
  body: z.strictObject({
    current: Password,
    password: NewPassword,
    /** Whether your personal access tokens end, too. */
    revokeTokens: z.boolean().default(false),
  }),
  status: 204,
  errors: ["conflict", "rate_limited"],
});

export const beginSecondFactor = route({
  method: "POST",
  path: "/api/auth/second-factor",
  summary: "A secret for an authenticator app; it counts once a code of it is confirmed",
  needs: "signed-in",
  scope: "full",
  reply: z.object({ secret: z.string(), uri: z.string() }),
  errors: ["conflict"],
});

export const TotpCode = z.string().regex(/^\d{6}$/, "six digits");
const RecoveryCodes = z.object({ recoveryCodes: z.array(z.string()) });

export const confirmSecondFactor = route({
  method: "POST",
  path: "/api/auth/second-factor/confirm",
  summary: "Turn the second factor on with a code; the recovery codes are shown in this answer only",
  needs: "signed-in",
  scope: "full",
  body: z.strictObject({ code: TotpCode }),
  reply: RecoveryCodes,
  errors: ["conflict", "rate_limited"],
});

export const disableSecondFactor = route({
  method: "POST",
  path: "/api/auth/second-factor/disable",
  summary: "Turn the second factor off, with your password",
  needs: "signed-in",
  scope: "full",
  body: z.strictObject({ password: Password }),
  status: 204,
  errors: ["conflict", "rate_limited"],
});

export const makeRecoveryCodes = route({
  method: "POST",
  path: "/api/auth/second-factor/recovery-codes",
  summary: "New recovery codes instead of the old ones, with your password; shown in this answer only",
  needs: "signed-in",
  scope: "full",
  body: z.strictObject({ password: Password }),
  reply: RecoveryCodes,
  errors: ["conflict", "rate_limited"],
});

export const revokeOtherSignIns = route({
  method: "DELETE",
  path: "/api/auth/sign-ins",
  summary: "End every sign-in and device of yours but this one; their live connections close",
  needs: "signed-in",
  scope: "full",
  /** Whether your personal access tokens end, too. */
  query: z.object({ tokens: z.enum(["keep", "revoke"]).default("keep") }),
  status: 204,
});
