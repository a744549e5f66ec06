import { type FormEvent, useId, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import {
  Dialog,
  DialogContent,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "../../components/ui/dialog.tsx";
import { Input } from "../../components/ui/input.tsx";
import { Label } from "../../components/ui/label.tsx";
import { messageOf } from "../../lib/errors.ts";

/** Asks for the name of a view. */
export function NameDialog({
  title,
  initial,
  open,
  onClose,
  onSubmit,
}: {
  title: string;
  initial: string;
  open: boolean;
  onClose(): void;
  onSubmit(name: string): Promise<void>;
}) {
  const id = useId();
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name")).trim();
    if (name === "") {
      setProblem("Give it a name.");
      return;
    }
    setBusy(true);
    setProblem(null);
    try {
      await onSubmit(name);
      onClose();
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open={open}
      onOpenChange={() => {
        setProblem(null);
        onClose();
      }}
    >
      <DialogContent className="max-w-sm" aria-describedby={undefined}>
        <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
          <DialogHeader>
            <DialogTitle>{title}</DialogTitle>
          </DialogHeader>
          <div className="flex flex-col gap-1.5">
            <Label htmlFor={id}>Name</Label>
            <Input
              id={id}
              name="name"
              defaultValue={initial}
              maxLength={80}
              autoComplete="off"
              aria-invalid={problem !== null}
            />
            {problem !== null && (
              <p role="alert" className="text-destructive text-xs">
                {problem}
              </p>
            )}
          </div>
          <DialogFooter>
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" variant="primary" disabled={busy}>
              Save
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}
