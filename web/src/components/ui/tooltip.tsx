import { Tooltip as TooltipPrimitive } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "../../lib/utils.ts";

export const TooltipProvider = TooltipPrimitive.Provider;

/** Shows `label` (and a key) beside its one child on hover and focus. The child still needs a name of its own. */
export function Tooltip({
  label,
  keys,
  side = "bottom",
  className,
  children,
  ...props
}: ComponentProps<typeof TooltipPrimitive.Root> & {
  label: ReactNode;
  keys?: string | undefined;
  side?: "top" | "right" | "bottom" | "left";
  className?: string;
}) {
  return (
    <TooltipPrimitive.Root {...props}>
      <TooltipPrimitive.Trigger asChild>{children}</TooltipPrimitive.Trigger>
      <TooltipPrimitive.Portal>
        <TooltipPrimitive.Content
          side={side}
          sideOffset={5}
          className={cn(
            "z-50 max-w-72 select-none rounded-md bg-foreground px-2 py-1 text-background text-xs shadow-pop",
            className,
          )}
        >
          {label}
          {keys !== undefined && <span className="ml-2 opacity-70">{keys}</span>}
        </TooltipPrimitive.Content>
      </TooltipPrimitive.Portal>
    </TooltipPrimitive.Root>
  );
}
