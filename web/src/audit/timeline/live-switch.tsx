import { RadioIcon } from "lucide-react";
import { Button } from "../../components/ui/button.tsx";
import { cn } from "../../lib/utils.ts";

/** Whether new entries come by themselves. */
export function LiveSwitch({
  on,
  disabled,
  onChange,
}: {
  on: boolean;
  disabled: boolean;
  onChange(on: boolean): void;
}) {
  return (
    <Button
      role="switch"
      aria-checked={on}
      disabled={disabled}
      title={
        disabled ? "The chosen time is over: nothing new can come" : "New entries come by themselves (L)"
      }
      onClick={() => onChange(!on)}
      className={cn(on && "border-success/50 bg-success-soft text-success hover:bg-success-soft")}
    >
      <RadioIcon className={cn(on && "motion-safe:animate-pulse")} /> Live
    </Button>
  );
}
