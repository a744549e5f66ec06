import { type AlertRule, testAlertRule } from "@remote-claude/protocol";
import { useState } from "react";
import { ConfirmButton } from "../../components/confirm-button.tsx";
import { Notice } from "../../components/notice.tsx";
import { Badge } from "../../components/ui/badge.tsx";
import { Button } from "../../components/ui/button.tsx";
import { call } from "../../lib/api.ts";
import { formatRelative } from "../../lib/format.ts";
import { TestButton, type TestResult } from "./test-button.tsx";
import { channelNames, kindNames, whenInWords } from "./words.ts";

interface RuleRowProps {
  rule: AlertRule;
  /** Its channel is set up. */
  sendable: boolean;
  mayChange: boolean;
  onEdit(): void;
  onDelete(): void;
}

export function RuleRow({ rule, sendable, mayChange, onEdit, onDelete }: RuleRowProps) {
  const [result, setResult] = useState<TestResult | null>(null);
  const { name, kind, enabled, channel, recipients, quietMinutes, lastAlertAt } = rule;
  const to = recipients.length === 0 ? channelNames[channel] : recipients.join(", ");
  return (
    <li className="flex flex-col gap-2 py-4 first:pt-0 last:pb-0">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          <h3 className="flex flex-wrap items-center gap-2 font-medium [overflow-wrap:anywhere]">
            {name}
            {!enabled && <Badge>off</Badge>}
          </h3>
          <p className="text-muted-foreground">
            {kindNames[kind]}. {whenInWords(rule)}, at most one message in {quietMinutes} min.
          </p>
          <p className="text-muted-foreground [overflow-wrap:anywhere]">
            To {to}
            {lastAlertAt !== null && `; last ${formatRelative(lastAlertAt)}`}
          </p>
        </div>
        {mayChange && (
          <div className="flex flex-wrap gap-2">
            <TestButton
              label={`Send a test of ${name}`}
              send={() => call(testAlertRule, { params: { ruleId: rule.id } })}
              onResult={setResult}
            />
            <Button size="sm" aria-label={`Change ${name}`} onClick={onEdit}>
              Change
            </Button>
            <ConfirmButton
              label="Delete"
              title={`Delete “${name}”?`}
              description="Nobody is told of it any more. What was told already stays on record."
              onConfirm={onDelete}
            />
          </div>
        )}
      </div>
      {!sendable && (
        <Notice tone="warning" title={`${channelNames[channel]} is not set up: nobody would be told.`} />
      )}
      {result !== null && <Notice tone={result.ok ? "success" : "destructive"} title={result.message} />}
    </li>
  );
}
