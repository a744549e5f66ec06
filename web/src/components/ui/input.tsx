import type { ComponentProps } from "react";
import { cn } from "../../lib/utils.ts";

const field =
  "w-full rounded-md border border-field bg-surface px-2.5 text-[13px] text-foreground placeholder:text-muted-foreground focus-visible:border-ring focus-visible:outline-1 focus-visible:outline-offset-0 disabled:opacity-50 aria-invalid:border-destructive";

export function Input({ className, ...props }: ComponentProps<"input">) {
  return <input className={cn(field, "h-8", className)} {...props} />;
}

export function Textarea({ className, ...props }: ComponentProps<"textarea">) {
  return <textarea className={cn(field, "py-1.5", className)} {...props} />;
}
