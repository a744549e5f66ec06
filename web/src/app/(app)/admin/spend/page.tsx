import type { Metadata } from "next";
import { requireSection } from "../../../../admin/require-section.ts";
import { SpendSection } from "../../../../admin/spend/spend-section.tsx";

export const metadata: Metadata = { title: "Spend" };

export default async function Page() {
  await requireSection("spend");
  return <SpendSection />;
}
