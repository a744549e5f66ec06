import { listAlertRules, listDeliveries } from "@remote-claude/protocol";
import type { Metadata } from "next";
import { AlertsSection } from "../../../../admin/alerts/alerts-section.tsx";
import { DeliverySection } from "../../../../admin/alerts/delivery-section.tsx";
import { requireSection } from "../../../../admin/require-section.ts";
import { askSignedIn } from "../../../../server/api.ts";

export const metadata: Metadata = { title: "Alerts and delivery" };

export default async function Page() {
  await requireSection("alerts");
  const [alerts, { deliveries }] = await Promise.all([
    askSignedIn(listAlertRules),
    askSignedIn(listDeliveries),
  ]);
  return (
    <>
      <AlertsSection initial={alerts} />
      <DeliverySection initial={deliveries} />
    </>
  );
}
