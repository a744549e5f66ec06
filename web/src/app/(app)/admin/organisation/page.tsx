import { getSettings } from "@remote-claude/protocol";
import type { Metadata } from "next";
import { OrganisationSection } from "../../../../admin/organisation/organisation-section.tsx";
import { requireSection } from "../../../../admin/require-section.ts";
import { askSignedIn } from "../../../../server/api.ts";

export const metadata: Metadata = { title: "Organisation" };

export default async function Page() {
  await requireSection("organisation");
  return <OrganisationSection initial={await askSignedIn(getSettings)} />;
}
