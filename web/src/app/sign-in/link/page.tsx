import { AppError, getUser } from "@remote-claude/protocol";
import type { Metadata } from "next";
import { ask, findSignInId } from "../../../server/api.ts";
import { LinkSignIn } from "../../../sign-in/link-sign-in.tsx";
import { SignInFrame } from "../../../sign-in/sign-in-frame.tsx";

export const metadata: Metadata = { title: "Sign in" };

/** Whose sign-in the link would replace. Without a clear answer there is no page: the token stays unused. */
async function findSignedIn(): Promise<string | null> {
  if ((await findSignInId()) === null) return null;
  try {
    return (await ask(getUser)).user.email;
  } catch (error) {
    if (error instanceof AppError && error.code === "unauthenticated") return null;
    throw error;
  }
}

export default async function LinkPage() {
  return (
    <SignInFrame>
      <LinkSignIn signedInAs={await findSignedIn()} />
    </SignInFrame>
  );
}
