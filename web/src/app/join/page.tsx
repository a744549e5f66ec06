import { AppError, getUser } from "@remote-claude/protocol";
import type { Metadata } from "next";
import { ask, findSignInId } from "../../server/api.ts";
import { Join } from "../../sharing/join.tsx";
import { SignInFrame } from "../../sign-in/sign-in-frame.tsx";

export const metadata: Metadata = { title: "Join a session" };

async function isSignedIn(): Promise<boolean> {
  if ((await findSignInId()) === null) return false;
  try {
    await ask(getUser);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === "unauthenticated") return false;
    throw error;
  }
}

export default async function JoinPage() {
  return (
    <SignInFrame>
      <Join signedIn={await isSignedIn()} />
    </SignInFrame>
  );
}
