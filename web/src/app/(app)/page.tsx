import { getConfig, listSessions } from "@remote-claude/protocol";
import type { Metadata } from "next";
import { askSignedIn } from "../../server/api.ts";
import { SessionsPage } from "../../sessions/sessions-page.tsx";

export const metadata: Metadata = { title: "Sessions" };

export default async function Page() {
  const [{ sessions }, settings] = await Promise.all([askSignedIn(listSessions), askSignedIn(getConfig)]);
  return <SessionsPage initialSessions={sessions} settings={settings} now={Date.now()} />;
}
