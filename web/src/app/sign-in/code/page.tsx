import type { Metadata } from "next";
import { safeCallback } from "../../../lib/go-to-sign-in.ts";
import { CodeSignIn } from "../../../sign-in/code-sign-in.tsx";
import { SignInFrame } from "../../../sign-in/sign-in-frame.tsx";

export const metadata: Metadata = { title: "Sign in" };

interface Props {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** Where an identity provider's answer ends: the code behind the `#` signs in. */
export default async function CodePage({ searchParams }: Props) {
  const { callbackUrl } = await searchParams;
  return (
    <SignInFrame>
      <CodeSignIn goTo={safeCallback(typeof callbackUrl === "string" ? callbackUrl : null)} />
    </SignInFrame>
  );
}
