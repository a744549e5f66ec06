import { getUser } from "@remote-claude/protocol";
import { notFound } from "next/navigation";
import { askSignedIn } from "../server/api.ts";

/** For a page of the review: whoever may not look at the record finds nothing there. The api decides besides. */
export async function requireReviewer(): Promise<void> {
  const { user } = await askSignedIn(getUser);
  if (!user.abilities.includes("audit.view")) notFound();
}
