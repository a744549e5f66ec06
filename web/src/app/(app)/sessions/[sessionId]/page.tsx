import { AppError, getConfig, getSession, Id } from "@remote-claude/protocol";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { askSignedIn } from "../../../../server/api.ts";
import { Workbench } from "../../../../workbench/workbench.tsx";

interface Props {
  params: Promise<{ sessionId: string }>;
}

async function load({ params }: Props) {
  const { sessionId } = await params;
  if (!Id.safeParse(sessionId).success) notFound();
  try {
    return (await askSignedIn(getSession, sessionId)).session;
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") notFound();
    throw error;
  }
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  return { title: (await load(props)).name };
}

export default async function Page(props: Props) {
  const [session, settings] = await Promise.all([load(props), askSignedIn(getConfig)]);
  return <Workbench key={session.id} initialSession={session} settings={settings} />;
}
