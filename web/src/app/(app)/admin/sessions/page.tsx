import type { Metadata } from "next";
import { requireSection } from "../../../../admin/require-section.ts";
import { AllSessionsSection } from "../../../../admin/sessions/all-sessions-section.tsx";

export const metadata: Metadata = { title: "Sessions" };

export default async function Page() {
  await requireSection("sessions");
  return <AllSessionsSection />;
}
