"use client";

import type { User } from "@remote-claude/protocol";
import { createContext, type ReactNode, useContext } from "react";

const CurrentUser = createContext<User | null>(null);

const metaName = "remote-claude-user";

/** Who is signed in, for every component below; the server asked the api when it made the page. */
export function CurrentUserProvider({ user, children }: { user: User; children: ReactNode }) {
  return (
    <CurrentUser value={user}>
      <meta name={metaName} content={user.id} />
      {children}
    </CurrentUser>
  );
}

/** The id of who is signed in, for what runs before the page is alive; null where the page does not say. */
export function userIdOfPage(): string | null {
  return document.querySelector<HTMLMetaElement>(`meta[name="${metaName}"]`)?.content ?? null;
}

/** Who is signed in. Only below a page that needs sign-in. */
export function useCurrentUser(): User {
  const user = useContext(CurrentUser);
  if (user === null) throw new Error("useCurrentUser outside of a signed-in page");
  return user;
}
