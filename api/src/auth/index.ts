export { setSignInCookie } from "./cookie.ts";
export { countingSignIns } from "./counting-sign-ins.ts";
export { ensureFirstAdmin, makeSignInLink } from "./first-admin.ts";
export { hashPassword } from "./passwords.ts";
export { presentUser } from "./present.ts";
export { type Authentication, addressOf, authenticate, type Credentials, sourceOf } from "./principal.ts";
export { keepPruning } from "./prune.ts";
export { authRoutes } from "./routes.ts";
export { removeSecondFactor } from "./second-factor.ts";
export {
  beginSignIn,
  type FromProvider,
  guardAttempt,
  guardBeginning,
  guardEntry,
  guardLink,
  isAllowedAddress,
  type Proven,
  type SignedIn,
  type SignInSource,
  signInByCode,
  signInByLink,
  signInByPassword,
} from "./sign-in.ts";
export { endTokens, takeTokens } from "./tokens.ts";
