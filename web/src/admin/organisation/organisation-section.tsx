"use client";

import { changeSettings, type OrganisationSettings } from "@remote-claude/protocol";
import { CheckIcon } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Notice } from "../../components/notice.tsx";
import { Button } from "../../components/ui/button.tsx";
import { call } from "../../lib/api.ts";
import { messageOf } from "../../lib/errors.ts";
import { Section } from "../../settings/section.tsx";
import { ChoiceField, DurationField, LinesField, NumberField, YesNoField } from "./fields.tsx";
import { draftOf, readDraft, type SettingsDraft, type SettingsProblems } from "./settings-draft.ts";

interface Stored {
  settings: OrganisationSettings;
  defaults: OrganisationSettings;
}

interface PartProps {
  draft: SettingsDraft;
  problems: SettingsProblems;
  defaults: OrganisationSettings;
  onChange(change: Partial<SettingsDraft>): void;
}

function SessionLimits({ draft, problems, defaults, onChange }: PartProps) {
  return (
    <Section title="Sessions" description="How many sessions a person may have, and how long they run.">
      <div className="divide-y">
        <NumberField
          label="Sessions per person"
          help={`Stopped ones count. Without a choice of yours it is ${defaults.maxSessionsPerUser}.`}
          problem={problems.maxSessionsPerUser}
          value={draft.maxSessionsPerUser}
          onChange={(maxSessionsPerUser) => onChange({ maxSessionsPerUser })}
          after="sessions"
        />
        <NumberField
          label="Running at once, per person"
          help="Paused ones count, since they keep their memory. Leave it empty for no limit."
          problem={problems.maxRunningSessionsPerUser}
          value={draft.maxRunningSessionsPerUser}
          onChange={(maxRunningSessionsPerUser) => onChange({ maxRunningSessionsPerUser })}
          placeholder="No limit"
          after="sessions"
        />
        <DurationField
          label="Stop when unused for"
          help="Nobody types in it, Claude is not working, no task and no busy terminal runs. People are warned before. A template may say a shorter time, or that its sessions are paused instead."
          problem={problems.idleTimeoutMinutes}
          value={draft.idleTimeoutMinutes}
          onChange={(idleTimeoutMinutes) => onChange({ idleTimeoutMinutes })}
        />
        <DurationField
          label="Longest run"
          help="Counted from its start, used or not. Files stay, and it can be resumed at once."
          problem={problems.maxDurationMinutes}
          value={draft.maxDurationMinutes}
          onChange={(maxDurationMinutes) => onChange({ maxDurationMinutes })}
        />
      </div>
    </Section>
  );
}

function ClaudeLimits({ draft, problems, onChange }: PartProps) {
  return (
    <Section title="Claude" description="Which models people use, and what they may spend.">
      <div className="divide-y">
        <NumberField
          label="Budget per person and month"
          help="In US dollars. Claude stops answering when it is spent, until the next month (UTC). Leave it empty for no limit. A person's own budget goes before it."
          problem={problems.monthlyBudgetUsd}
          value={draft.monthlyBudgetUsd}
          onChange={(monthlyBudgetUsd) => onChange({ monthlyBudgetUsd })}
          placeholder="No limit"
          before="$"
        />
        <LinesField
          label="Allowed models"
          help="One on each line, with or without its date; * at the end stands for any rest. Claude Code uses a small model beside the chosen one, so allow one of each. Leave it empty for all."
          problem={problems.allowedModels}
          value={draft.allowedModels}
          onChange={(allowedModels) => onChange({ allowedModels })}
          placeholder="All models"
        />
      </div>
    </Section>
  );
}

function Privacy({ draft, problems, onChange }: PartProps) {
  return (
    <Section title="Privacy" description="What admins may see of other people's work.">
      <div className="divide-y">
        <YesNoField
          label="Admins may look inside sessions"
          help="For an hour at a time and without changing anything. The reason goes on record, and the owner is told and sees them there."
          problem={problems.adminsMayLookInside}
          value={draft.adminsMayLookInside}
          onChange={(adminsMayLookInside) => onChange({ adminsMayLookInside })}
        />
        <ChoiceField
          label="Recording of terminals"
          help="Auditors and admins can replay what terminals showed, and each look goes on record. Terminals say that they are recorded. What is typed where the terminal does not show it, as at a password prompt, is never recorded."
          problem={problems.terminalRecording}
          value={draft.terminalRecording}
          choices={{
            off: "Off",
            output: "What programs put out",
            "output-and-input": "Also what people type",
          }}
          onChange={(terminalRecording) => onChange({ terminalRecording })}
        />
      </div>
    </Section>
  );
}

/** The limits that hold for everyone. They take effect when they are saved, in sessions that run already too. */
export function OrganisationSection({ initial }: { initial: Stored }) {
  const [stored, setStored] = useState(initial);
  const [draft, setDraft] = useState(() => draftOf(initial.settings));
  const [problems, setProblems] = useState<SettingsProblems>({});
  const [failure, setFailure] = useState<string | null>(null);
  const [phase, setPhase] = useState<"editing" | "saving" | "saved">("editing");
  const changed = JSON.stringify(draft) !== JSON.stringify(draftOf(stored.settings));

  const change = (part: Partial<SettingsDraft>) => {
    setDraft({ ...draft, ...part });
    setPhase("editing");
    // What was wrong with a field is no longer known once it is touched.
    setProblems(Object.fromEntries(Object.entries(problems).filter(([key]) => !(key in part))));
  };

  async function save(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setFailure(null);
    const read = readDraft(draft);
    setProblems(read.ok ? {} : read.problems);
    if (!read.ok) return;
    setPhase("saving");
    try {
      const saved = await call(changeSettings, { body: read.settings });
      setStored(saved);
      setDraft(draftOf(saved.settings));
      setPhase("saved");
    } catch (cause) {
      setFailure(messageOf(cause));
      setPhase("editing");
    }
  }

  const part = { draft, problems, defaults: stored.defaults, onChange: change };
  return (
    <form onSubmit={save} noValidate className="flex flex-col gap-5">
      <SessionLimits {...part} />
      <ClaudeLimits {...part} />
      <Privacy {...part} />
      {failure !== null && <Notice tone="destructive" title={failure} />}
      <div className="sticky bottom-0 -mx-4 flex items-center gap-3 border-t bg-background/95 px-4 py-3 md:mx-0 md:px-0">
        <Button type="submit" variant="primary" disabled={!changed || phase === "saving"}>
          {phase === "saving" ? "Saving…" : "Save"}
        </Button>
        <Button disabled={!changed || phase === "saving"} onClick={() => change(draftOf(stored.settings))}>
          Discard
        </Button>
        <p role="status" className="flex min-w-0 items-center gap-1.5 text-muted-foreground">
          {phase === "saved" && <CheckIcon className="size-4 text-success" aria-hidden />}
          {phase === "saved" ? "Saved. It holds from now on." : changed ? "Not saved yet." : ""}
        </p>
      </div>
    </form>
  );
}
