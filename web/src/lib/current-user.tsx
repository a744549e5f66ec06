"use client";

import type { User } from "@remote-claude/protocol";
import { createContext, type ReactNode, useContext } from "react";

const CurrentUser = createContext<User | null>(null);

/** Who is signed in, for every component below; the server asked the api when it made the page. */
export function CurrentUserProvider({ user, children }: { user: User; children: ReactNode }) {
  return <CurrentUser value={user}>{children}</CurrentUser>;
}

/** Who is signed in. Only below a page that needs sign-in. */
export function useCurrentUser(): User {
  const user = useContext(CurrentUser);
  if (user === null) throw new Error("useCurrentUser outside of a signed-in page");
  return user;
}
