import { getConfig, listSessions } from "@remote-claude/protocol";
import type { Metadata } from "next";
import { askSignedIn } from "../../server/api.ts";
import { readSource } from "../../sessions/new-session-source.ts";
import { SessionsPage } from "../../sessions/sessions-page.tsx";

export const metadata: Metadata = { title: "Sessions" };

interface PageProps {
  readonly searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function Page({ searchParams }: PageProps) {
  const [{ sessions }, settings] = await Promise.all([askSignedIn(listSessions), askSignedIn(getConfig)]);
  const source = readSource((await searchParams).new);
  return (
    <SessionsPage initialSessions={sessions} initialSource={source} settings={settings} now={Date.now()} />
  );
}
