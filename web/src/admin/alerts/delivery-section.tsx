"use client";

import { type Delivery, listDeliveries, testDelivery } from "@remote-claude/protocol";
import { RefreshCwIcon } from "lucide-react";
import { useState } from "react";
import { Notice } from "../../components/notice.tsx";
import { Button } from "../../components/ui/button.tsx";
import { call } from "../../lib/api.ts";
import { useCurrentUser } from "../../lib/current-user.tsx";
import { messageOf } from "../../lib/errors.ts";
import { formatRelative } from "../../lib/format.ts";
import { Section } from "../../settings/section.tsx";
import { Facts } from "../sign-in/facts.tsx";
import { TestButton, type TestResult } from "./test-button.tsx";
import { deliveryNames, lagInWords } from "./words.ts";

function DeliveryRow({ delivery, mayTest }: { delivery: Delivery; mayTest: boolean }) {
  const [result, setResult] = useState<TestResult | null>(null);
  const { name, target, deliveredRows, deliveredAt, failingSince, lastError } = delivery;
  return (
    <li className="flex flex-col gap-3 py-4 first:pt-0 last:pb-0">
      <div className="flex items-start gap-3">
        <h3 className="min-w-0 flex-1 font-medium">{deliveryNames[name]}</h3>
        {mayTest && (
          <TestButton
            label={`Send a test row to ${deliveryNames[name]}`}
            send={() => call(testDelivery, { params: { name } })}
            onResult={setResult}
          />
        )}
      </div>
      <Facts
        facts={[
          { name: "Where", value: target },
          { name: "Behind", value: lagInWords(delivery) },
          {
            name: "Delivered",
            value:
              deliveredAt === null
                ? "Nothing yet"
                : `${deliveredRows.toLocaleString("en")} rows, the last ${formatRelative(deliveredAt)}`,
          },
        ]}
      />
      {lastError !== null && (
        <Notice tone="warning" title={`It does not take what it is given: ${lastError}`}>
          {failingSince !== null && `It began ${formatRelative(failingSince)}, and is tried again by itself.`}
        </Notice>
      )}
      {result !== null && <Notice tone={result.ok ? "success" : "destructive"} title={result.message} />}
    </li>
  );
}

/** Where the audit record goes as it grows. It is set where Remote Claude is started; here it is shown, and tried. */
export function DeliverySection({ initial }: { initial: readonly Delivery[] }) {
  const mayTest = useCurrentUser().abilities.includes("settings.manage");
  const [deliveries, setDeliveries] = useState(initial);
  const [failure, setFailure] = useState<string | null>(null);

  async function refresh() {
    setFailure(null);
    try {
      setDeliveries((await call(listDeliveries)).deliveries);
    } catch (error) {
      setFailure(messageOf(error));
    }
  }

  return (
    <Section
      title="Delivery"
      description="The audit record, row by row, to a syslog server, a webhook or a file (docs/audit.md)."
      action={
        deliveries.length > 0 && (
          <Button onClick={() => void refresh()}>
            <RefreshCwIcon />
            Refresh
          </Button>
        )
      }
    >
      {failure !== null && <Notice tone="destructive" title={failure} className="mb-4" />}
      {deliveries.length === 0 ? (
        <p className="text-muted-foreground">
          It goes nowhere. Set AUDIT_SYSLOG_URL, AUDIT_WEBHOOK_URL or AUDIT_JSONL_PATH in the environment of
          the installation.
        </p>
      ) : (
        <ul className="divide-y">
          {deliveries.map((delivery) => (
            <DeliveryRow key={delivery.name} delivery={delivery} mayTest={mayTest} />
          ))}
        </ul>
      )}
    </Section>
  );
}
