import { Id } from "@remote-claude/protocol";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { requireReviewer } from "../../../../../audit/require-reviewer.ts";
import { StoryPage } from "../../../../../audit/story/story-page.tsx";

export const metadata: Metadata = { title: "A session’s story" };

export default async function Page({
  params,
  searchParams,
}: {
  params: Promise<{ sessionId: string }>;
  searchParams: Promise<{ entry?: string | string[] }>;
}) {
  await requireReviewer();
  const [{ sessionId }, { entry }] = await Promise.all([params, searchParams]);
  if (!Id.safeParse(sessionId).success) notFound();
  return <StoryPage key={sessionId} sessionId={sessionId} entryId={Id.safeParse(entry).data ?? null} />;
}
