import { getSignInSettings } from "@remote-claude/protocol";
import type { Metadata } from "next";
import { requireSection } from "../../../../admin/require-section.ts";
import { SignInSection } from "../../../../admin/sign-in/sign-in-section.tsx";
import { askSignedIn } from "../../../../server/api.ts";

export const metadata: Metadata = { title: "Sign-in" };

export default async function Page() {
  await requireSection("sign-in");
  return <SignInSection settings={await askSignedIn(getSignInSettings)} />;
}
