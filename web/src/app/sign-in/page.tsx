import { AppError, getConfig, getUser } from "@remote-claude/protocol";
import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { endedParameter, safeCallback } from "../../lib/go-to-sign-in.ts";
import { ask, findSignInId } from "../../server/api.ts";
import { errorWords } from "../../sign-in/error-words.ts";
import { SignInFrame } from "../../sign-in/sign-in-frame.tsx";
import { SignInOptions } from "../../sign-in/sign-in-options.tsx";

export const metadata: Metadata = { title: "Sign in" };

/** Someone whose sign-in counts has no business here. */
async function isSignedIn(): Promise<boolean> {
  if ((await findSignInId()) === null) return false;
  return ask(getUser).then(
    () => true,
    () => false,
  );
}

interface Props {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function SignInPage({ searchParams }: Props) {
  const { callbackUrl, error, [endedParameter]: ended } = await searchParams;
  const goTo = safeCallback(typeof callbackUrl === "string" ? callbackUrl : null);
  const [signedIn, settings] = await Promise.all([
    isSignedIn(),
    ask(getConfig).catch((cause: unknown) => {
      if (cause instanceof AppError) return null;
      throw cause;
    }),
  ]);
  if (signedIn) redirect(goTo);
  return (
    <SignInFrame>
      <SignInOptions
        goTo={goTo}
        settings={settings?.signIn ?? null}
        error={errorWords(error)}
        ended={ended !== undefined}
      />
    </SignInFrame>
  );
}
