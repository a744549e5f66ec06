import { AppError, getRecording, getUser, Id } from "@remote-claude/protocol";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { RecordingPage } from "../../../../../audit/recordings/recording-page.tsx";
import { ask, askSignedIn } from "../../../../../server/api.ts";

export const metadata: Metadata = { title: "Recording" };

/** Whoever may not look at the audit record finds nothing here; the api decides besides. */
export default async function Page({ params }: { params: Promise<{ recordingId: string }> }) {
  const { user } = await askSignedIn(getUser);
  const { recordingId } = await params;
  if (!user.abilities.includes("audit.view") || !Id.safeParse(recordingId).success) notFound();
  try {
    return <RecordingPage recording={(await ask(getRecording, { recordingId })).recording} />;
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") notFound();
    throw error;
  }
}
