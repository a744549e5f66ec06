"use client";

import { defaultSteering } from "@remote-claude/protocol";
import { type FormEvent, useId, useState } from "react";
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
import { formatUsd } from "../../lib/format.ts";
import type { Reading } from "../live/conversation-reader.ts";
import { readLimits } from "./limits.ts";
import type { SettingsChange } from "./use-configure.ts";

interface LimitsProps {
  readonly conversation: Reading["conversation"];
  readonly configure: (change: SettingsChange) => Promise<boolean>;
}

/** Asks how many steps one turn may take and what the conversation may cost. */
export function LimitsDialog({
  open,
  onOpenChange,
  ...props
}: LimitsProps & { open: boolean; onOpenChange(open: boolean): void }) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>Limits of this conversation</DialogTitle>
          <DialogDescription>
            They hold from the next turn on. When one is reached Claude stops, what was done stays, and you
            can raise it and go on.
          </DialogDescription>
        </DialogHeader>
        {/* Made anew each time: it begins with the limits of the moment. */}
        {open && <LimitsForm {...props} onDone={() => onOpenChange(false)} />}
      </DialogContent>
    </Dialog>
  );
}

function LimitsForm({ conversation, configure, onDone }: LimitsProps & { onDone(): void }) {
  const steering = conversation?.steering ?? defaultSteering;
  const [budget, setBudget] = useState(steering.budgetUsd?.toString() ?? "");
  const [steps, setSteps] = useState(steering.stepLimit?.toString() ?? "");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const id = useId();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const limits = readLimits(budget, steps);
    if ("error" in limits) return setError(limits.error);
    setBusy(true);
    if (await configure(limits)) onDone();
    else setBusy(false);
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
      <div className="flex flex-col gap-1.5">
        <Label htmlFor={`${id}-budget`}>Budget in US dollars</Label>
        <Input
          id={`${id}-budget`}
          autoFocus
          inputMode="decimal"
          placeholder="No budget of its own"
          value={budget}
          onChange={(event) => setBudget(event.target.value)}
          aria-describedby={`${id}-spent`}
        />
        <p id={`${id}-spent`} className="text-[11px] text-muted-foreground">
          {formatUsd(conversation?.costUsd ?? 0)} are spent. The budget of the session's owner holds as well.
        </p>
      </div>
      <div className="flex flex-col gap-1.5">
        <Label htmlFor={`${id}-steps`}>Steps in one turn</Label>
        <Input
          id={`${id}-steps`}
          inputMode="numeric"
          placeholder="As many as it takes"
          value={steps}
          onChange={(event) => setSteps(event.target.value)}
          aria-describedby={`${id}-about`}
        />
        <p id={`${id}-about`} className="text-[11px] text-muted-foreground">
          A step is one request to the model: an answer, or tools and their results.
        </p>
      </div>
      {error !== null && (
        <p role="alert" className="text-destructive text-xs">
          {error}
        </p>
      )}
      <DialogFooter>
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" variant="primary" disabled={busy}>
          Save
        </Button>
      </DialogFooter>
    </form>
  );
}
