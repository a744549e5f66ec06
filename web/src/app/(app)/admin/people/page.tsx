import type { Metadata } from "next";
import { PeopleSection } from "../../../../admin/people/people-section.tsx";
import { requireSection } from "../../../../admin/require-section.ts";

export const metadata: Metadata = { title: "People" };

export default async function Page() {
  await requireSection("people");
  return <PeopleSection />;
}
