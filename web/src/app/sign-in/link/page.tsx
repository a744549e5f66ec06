import type { Metadata } from "next";
import { LinkSignIn } from "../../../sign-in/link-sign-in.tsx";
import { SignInFrame } from "../../../sign-in/sign-in-frame.tsx";

export const metadata: Metadata = { title: "Sign in" };

export default function LinkPage() {
  return (
    <SignInFrame>
      <LinkSignIn />
    </SignInFrame>
  );
}
