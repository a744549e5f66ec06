"use client";

import {
  type Alert,
  type AlertChannel,
  type AlertRule,
  type AlertRuleInput,
  changeAlertRule,
  createAlertRule,
  deleteAlertRule,
  listAlertRules,
} from "@remote-claude/protocol";
import { PlusIcon } from "lucide-react";
import { useState } from "react";
import { Notice } from "../../components/notice.tsx";
import { Button } from "../../components/ui/button.tsx";
import { call } from "../../lib/api.ts";
import { useCurrentUser } from "../../lib/current-user.tsx";
import { messageOf } from "../../lib/errors.ts";
import { formatRelative } from "../../lib/format.ts";
import { Section } from "../../settings/section.tsx";
import { RuleDialog } from "./rule-dialog.tsx";
import { RuleRow } from "./rule-row.tsx";

interface Shown {
  rules: readonly AlertRule[];
  channels: readonly AlertChannel[];
  recent: readonly Alert[];
}

function RecentAlerts({ recent }: { recent: readonly Alert[] }) {
  if (recent.length === 0) return <p className="text-muted-foreground">Nothing yet.</p>;
  return (
    <ul className="flex flex-col gap-3">
      {recent.map(({ id, ruleName, text, madeAt, sentAt, lastError }) => (
        <li key={id} className="flex flex-col gap-0.5 [overflow-wrap:anywhere]">
          <p>{text}</p>
          <p className="text-muted-foreground text-xs">
            {ruleName}, {formatRelative(madeAt)}.{" "}
            {sentAt !== null
              ? "Sent."
              : lastError === null
                ? "About to be sent."
                : `Not sent yet: ${lastError}.`}
          </p>
        </li>
      ))}
    </ul>
  );
}

/** What is told at once, and to whom. Admins change it, auditors see it. */
export function AlertsSection({ initial }: { initial: Shown }) {
  const mayChange = useCurrentUser().abilities.includes("settings.manage");
  const [shown, setShown] = useState(initial);
  /** null: closed; "new": one that is not there yet. */
  const [editing, setEditing] = useState<AlertRule | "new" | null>(null);
  const [failure, setFailure] = useState<string | null>(null);

  const refresh = async () => setShown(await call(listAlertRules));

  async function save(input: AlertRuleInput): Promise<void> {
    if (editing === "new") await call(createAlertRule, { body: input });
    else if (editing !== null) await call(changeAlertRule, { params: { ruleId: editing.id }, body: input });
    await refresh();
    setEditing(null);
  }

  async function attempt(work: () => Promise<unknown>): Promise<void> {
    setFailure(null);
    try {
      await work();
      await refresh();
    } catch (error) {
      setFailure(messageOf(error));
    }
  }

  const { rules, channels, recent } = shown;
  return (
    <>
      <Section
        title="Alerts"
        description="What people are told of at once, by mail, webhook or Slack."
        action={
          mayChange && (
            <Button variant="primary" onClick={() => setEditing("new")}>
              <PlusIcon />
              New alert
            </Button>
          )
        }
      >
        {channels.length === 0 && (
          <Notice tone="info" title="Nothing can be sent yet." className="mb-4">
            Set SMTP_URL and ALERT_FROM, ALERT_WEBHOOK_URL or ALERT_SLACK_URL in the environment of the
            installation.
          </Notice>
        )}
        {failure !== null && <Notice tone="destructive" title={failure} className="mb-4" />}
        {rules.length === 0 ? (
          <p className="text-muted-foreground">Nobody is told of anything.</p>
        ) : (
          <ul className="divide-y">
            {rules.map((rule) => (
              <RuleRow
                key={rule.id}
                rule={rule}
                sendable={channels.includes(rule.channel)}
                mayChange={mayChange}
                onEdit={() => setEditing(rule)}
                onDelete={() => void attempt(() => call(deleteAlertRule, { params: { ruleId: rule.id } }))}
              />
            ))}
          </ul>
        )}
      </Section>
      <Section title="Told lately" description="The last fifty messages.">
        <RecentAlerts recent={recent} />
      </Section>
      {editing !== null && (
        <RuleDialog
          rule={editing === "new" ? null : editing}
          channels={channels}
          onClose={() => setEditing(null)}
          onSave={save}
        />
      )}
    </>
  );
}
