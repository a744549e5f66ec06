import { type AlertChannel, type AlertRule, AlertRuleInput } from "@remote-claude/protocol";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { Choice, optionsOf } from "../../components/choice.tsx";
import { Button } from "../../components/ui/button.tsx";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "../../components/ui/dialog.tsx";
import { Input } from "../../components/ui/input.tsx";
import { Label } from "../../components/ui/label.tsx";
import { messageOf } from "../../lib/errors.ts";
import { channelNames, counted, hasThreshold, kindNames } from "./words.ts";

interface RuleDialogProps {
  /** null: a new one. */
  rule: AlertRule | null;
  channels: readonly AlertChannel[];
  onClose(): void;
  /** Throws what keeps it from being saved. */
  onSave(input: AlertRuleInput): Promise<void>;
}

function Field({ label, children }: { label: string; children(id: string): ReactNode }) {
  const id = useId();
  return (
    <div className="flex min-w-0 flex-1 flex-col gap-1.5">
      <Label htmlFor={id}>{label}</Label>
      {children(id)}
    </div>
  );
}

const standard: AlertRuleInput = {
  name: "",
  kind: "failed-sign-ins",
  enabled: true,
  threshold: 10,
  windowMinutes: 10,
  quietMinutes: 60,
  channel: "email",
  recipients: [],
};

/** One rule, to be written or changed. */
export function RuleDialog({ rule, channels, onClose, onSave }: RuleDialogProps) {
  const [draft, setDraft] = useState<AlertRuleInput>(
    rule ?? { ...standard, channel: channels[0] ?? standard.channel },
  );
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<AlertRuleInput>) => setDraft({ ...draft, ...part });

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const number = (name: string, otherwise: number) => (form.has(name) ? Number(form.get(name)) : otherwise);
    const input = AlertRuleInput.safeParse({
      ...draft,
      name: form.get("name"),
      threshold: number("threshold", draft.threshold),
      windowMinutes: number("windowMinutes", draft.windowMinutes),
      quietMinutes: number("quietMinutes", draft.quietMinutes),
      recipients:
        draft.channel === "email"
          ? String(form.get("recipients"))
              .split(/[\s,;]+/)
              .filter(Boolean)
          : [],
    });
    if (!input.success) {
      const field = String(input.error.issues[0]?.path[0] ?? "");
      setProblem(problems[field] ?? "Something is missing.");
      return;
    }
    setBusy(true);
    setProblem(null);
    try {
      await onSave(input.data);
    } catch (error) {
      setProblem(messageOf(error));
      setBusy(false);
    }
  }

  return (
    <Dialog open onOpenChange={onClose}>
      <DialogContent>
        <form onSubmit={submit} noValidate className="flex flex-col gap-4">
          <DialogHeader>
            <DialogTitle>{rule === null ? "New alert" : `Change ${rule.name}`}</DialogTitle>
            <DialogDescription>
              What happens again while it is quiet is told together at its end.
            </DialogDescription>
          </DialogHeader>
          <Field label="Name">
            {(id) => (
              <Input id={id} name="name" maxLength={100} autoComplete="off" defaultValue={draft.name} />
            )}
          </Field>
          <Field label="When">
            {(id) => (
              <Choice
                id={id}
                className="w-full"
                value={draft.kind}
                options={optionsOf(kindNames)}
                onChange={(kind) => change({ kind })}
              />
            )}
          </Field>
          <Numbers draft={draft} />
          <Field label="By">
            {(id) => (
              <Choice
                id={id}
                className="w-full"
                value={draft.channel}
                options={optionsOf(channelNames)}
                onChange={(channel) => change({ channel })}
              />
            )}
          </Field>
          {draft.channel === "email" && (
            <Field label="Addresses">
              {(id) => (
                <Input
                  id={id}
                  name="recipients"
                  autoComplete="off"
                  placeholder="security@example.org, ops@example.org"
                  defaultValue={draft.recipients.join(", ")}
                />
              )}
            </Field>
          )}
          <Field label="State">
            {(id) => (
              <Choice
                id={id}
                className="w-full"
                value={draft.enabled ? "on" : "off"}
                options={[
                  ["on", "On"],
                  ["off", "Off"],
                ]}
                onChange={(state) => change({ enabled: state === "on" })}
              />
            )}
          </Field>
          {problem !== null && (
            <p role="alert" className="text-destructive text-xs">
              {problem}
            </p>
          )}
          <DialogFooter>
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" variant="primary" disabled={busy}>
              {busy ? "Saving…" : "Save"}
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}

const problems: Record<string, string> = {
  name: "Give it a name.",
  threshold: "Write a whole number.",
  windowMinutes: "Count within 1 to 1440 minutes.",
  quietMinutes: "Be quiet for 1 to 10080 minutes.",
  recipients: "Write up to twenty mail addresses, with commas between them.",
};

function Numbers({ draft }: { draft: AlertRuleInput }) {
  const { kind } = draft;
  const numbers = [
    ...(hasThreshold(kind)
      ? [
          {
            name: "threshold",
            label: counted(kind) ? "More than" : "More than (minutes)",
            value: draft.threshold,
          },
        ]
      : []),
    ...(counted(kind)
      ? [{ name: "windowMinutes", label: "Within (minutes)", value: draft.windowMinutes }]
      : []),
    { name: "quietMinutes", label: "Quiet for (minutes)", value: draft.quietMinutes },
  ];
  return (
    <div className="flex flex-col gap-3 sm:flex-row">
      {numbers.map(({ name, label, value }) => (
        <Field key={name} label={label}>
          {(id) => <Input id={id} name={name} inputMode="numeric" autoComplete="off" defaultValue={value} />}
        </Field>
      ))}
    </div>
  );
}
