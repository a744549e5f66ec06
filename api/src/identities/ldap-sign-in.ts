import { AppError } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import { guardAttempt, guardEntry, type SignedIn, type SignInSource } from "../auth/index.ts";
import type { Context } from "../context.ts";
import { authenticateByLdap } from "./ldap.ts";
import { signInWithIdentity } from "./service.ts";

/** By a name and a password of the organisation's directory. */
export async function signInByLdap(
  context: Context,
  { login, password }: { login: string; password: string },
  source: SignInSource,
): Promise<SignedIn> {
  const config = context.config.signIn.ldap;
  if (config === null) throw new AppError("not_found", "There is no directory to sign in with.");
  const attempts = [await guardAttempt(context, login.toLowerCase(), source)];
  const onFound = async (subject: string) => {
    attempts.push(await guardEntry(context, { provider: "ldap", subject, login }, source));
  };
  const identity = await authenticateByLdap(config, login, password, onFound).catch((error: unknown) => {
    const refused = error instanceof AppError && error.code === "rate_limited";
    if (!refused) context.log.warn({ err: error }, "the directory failed");
    throw error;
  });
  if (identity === null) {
    await record(context.db, {
      action: "sign-in.failed",
      result: "failed",
      actor: { kind: "user", userId: null, ...source },
      target: login,
      details: { method: "ldap" },
    });
    // One sentence for every way to be wrong.
    throw new AppError("unauthenticated", "The user name or the password is wrong.");
  }
  for (const attempt of attempts) await attempt.succeeded();
  return signInWithIdentity(context, identity, source);
}
