import { AppError, getConfig } from "@remote-claude/protocol";
import type { Metadata } from "next";
import { ask } from "../../../server/api.ts";
import { InvitationForm } from "../../../sign-in/invitation-form.tsx";
import { SignInFrame } from "../../../sign-in/sign-in-frame.tsx";

export const metadata: Metadata = { title: "Invitation" };

export default async function InvitationPage() {
  const settings = await ask(getConfig).catch((cause: unknown) => {
    if (cause instanceof AppError) return null;
    throw cause;
  });
  return (
    <SignInFrame>
      <InvitationForm providers={settings?.signIn.providers ?? []} />
    </SignInFrame>
  );
}
