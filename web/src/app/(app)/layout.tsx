import { getUser } from "@remote-claude/protocol";
import type { ReactNode } from "react";
import { LiveNotices } from "../../components/live-notices.tsx";
import { CurrentUserProvider } from "../../lib/current-user.tsx";
import { askSignedIn } from "../../server/api.ts";

/** Pages for people who are signed in. */
export default async function SignedInLayout({ children }: { children: ReactNode }) {
  const { user } = await askSignedIn(getUser);
  return (
    <CurrentUserProvider user={user}>
      {children}
      <LiveNotices />
    </CurrentUserProvider>
  );
}
