import { getUser } from "@remote-claude/protocol";
import { notFound, redirect } from "next/navigation";
import { askSignedIn } from "../server/api.ts";
import { type AdminSectionId, adminSectionsFor, hrefOf } from "./sections.ts";

/** For a section's page: whoever may not open it finds nothing there. The api decides about each request besides. */
export async function requireSection(id: AdminSectionId): Promise<void> {
  const { user } = await askSignedIn(getUser);
  if (!adminSectionsFor(user).some((section) => section.id === id)) notFound();
}

/** For /admin itself: away to the first section that the person may open. */
export async function toFirstSection(): Promise<never> {
  const { user } = await askSignedIn(getUser);
  const [first] = adminSectionsFor(user);
  return first === undefined ? notFound() : redirect(hrefOf(first));
}
