import { useState } from "react";
import {
  AlertDialog,
  AlertDialogAction,
  AlertDialogCancel,
  AlertDialogContent,
  AlertDialogDescription,
  AlertDialogFooter,
  AlertDialogTitle,
  AlertDialogTrigger,
} from "./ui/alert-dialog.tsx";
import { Button } from "./ui/button.tsx";

/** A button that asks before it acts. */
export function ConfirmButton({
  label,
  title,
  description,
  also,
  onConfirm,
}: {
  label: string;
  title: string;
  description: string;
  /** Something that may be done along with it, if one ticks it. */
  also?: string;
  onConfirm(also: boolean): void;
}) {
  const [ticked, setTicked] = useState(false);
  return (
    <AlertDialog onOpenChange={() => setTicked(false)}>
      <AlertDialogTrigger asChild>
        <Button size="sm" variant="ghost" className="text-destructive">
          {label}
        </Button>
      </AlertDialogTrigger>
      <AlertDialogContent className="max-w-sm">
        <AlertDialogTitle>{title}</AlertDialogTitle>
        <AlertDialogDescription>{description}</AlertDialogDescription>
        {also !== undefined && (
          <label className="flex items-center gap-2">
            <input
              type="checkbox"
              className="accent-[var(--primary)]"
              checked={ticked}
              onChange={(event) => setTicked(event.currentTarget.checked)}
            />
            {also}
          </label>
        )}
        <AlertDialogFooter>
          <AlertDialogCancel>Cancel</AlertDialogCancel>
          <AlertDialogAction onClick={() => onConfirm(ticked)}>{label}</AlertDialogAction>
        </AlertDialogFooter>
      </AlertDialogContent>
    </AlertDialog>
  );
}
