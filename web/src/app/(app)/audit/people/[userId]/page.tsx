import { Id } from "@remote-claude/protocol";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { PersonPage } from "../../../../../audit/person-page.tsx";
import { requireReviewer } from "../../../../../audit/require-reviewer.ts";

export const metadata: Metadata = { title: "A person’s story" };

export default async function Page({ params }: { params: Promise<{ userId: string }> }) {
  await requireReviewer();
  const { userId } = await params;
  if (!Id.safeParse(userId).success) notFound();
  return <PersonPage key={userId} userId={userId} />;
}
