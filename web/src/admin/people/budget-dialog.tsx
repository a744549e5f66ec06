import type { AdminUser } from "@remote-claude/protocol";
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

interface BudgetDialogProps {
  person: AdminUser;
  open: boolean;
  onClose(): void;
  onSave(change: { monthlyBudgetUsd: number | null }): Promise<boolean>;
}

/** What one person may spend in a month; empty: what the organisation says. */
export function BudgetDialog({ person, open, onClose, onSave }: BudgetDialogProps) {
  const id = useId();
  const [problem, setProblem] = useState<string | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get("budget")).trim();
    const amount = text === "" ? null : Number(text);
    if (amount !== null && !(amount >= 0 && amount <= 1_000_000)) {
      setProblem("Write an amount in US dollars, or leave it empty.");
      return;
    }
    setProblem(null);
    if (await onSave({ monthlyBudgetUsd: amount })) onClose();
  }

  return (
    <Dialog open={open} onOpenChange={onClose}>
      <DialogContent className="max-w-sm">
        <form onSubmit={submit} noValidate className="flex flex-col gap-4">
          <DialogHeader>
            <DialogTitle>Budget of {person.name}</DialogTitle>
            <DialogDescription>{formatUsd(person.monthCostUsd)} spent this month.</DialogDescription>
          </DialogHeader>
          <div className="flex flex-col gap-1.5">
            <Label htmlFor={id}>US dollars a month</Label>
            <Input
              id={id}
              name="budget"
              inputMode="decimal"
              autoComplete="off"
              placeholder="As the organisation says"
              defaultValue={person.monthlyBudgetUsd ?? ""}
              aria-invalid={problem !== null}
              aria-describedby={`${id}-about`}
            />
            <p
              id={`${id}-about`}
              role={problem === null ? undefined : "alert"}
              className={problem === null ? "text-muted-foreground text-xs" : "text-destructive text-xs"}
            >
              {problem ?? "Claude stops answering when it is spent, until the next month (UTC)."}
            </p>
          </div>
          <DialogFooter>
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" variant="primary">
              Save
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}
