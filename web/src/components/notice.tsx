import { CircleAlertIcon, CircleCheckIcon, InfoIcon, TriangleAlertIcon } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "../lib/utils.ts";

const tones = {
  warning: { className: "border-warning/30 bg-warning-soft text-warning", Icon: TriangleAlertIcon },
  destructive: {
    className: "border-destructive/30 bg-destructive-soft text-destructive",
    Icon: CircleAlertIcon,
  },
  success: { className: "border-success/30 bg-success-soft text-success", Icon: CircleCheckIcon },
  info: { className: "border-info/30 bg-info-soft text-info", Icon: InfoIcon },
};

/**
 * A message that stays: what is the matter, and (as children) what to do about it. `announced`: screen readers are told
 * of it when it comes.
 */
export function Notice({
  tone,
  title,
  children,
  announced = true,
  className,
}: {
  tone: keyof typeof tones;
  title: string;
  children?: ReactNode;
  announced?: boolean;
  className?: string;
}) {
  const { className: toneClass, Icon } = tones[tone];
  return (
    <div
      role={announced ? (tone === "destructive" ? "alert" : "status") : undefined}
      className={cn("flex gap-2.5 rounded-lg border px-3 py-2.5", toneClass, className)}
    >
      <Icon className="mt-px size-4 shrink-0" aria-hidden />
      <div className="min-w-0">
        <p className="font-medium">{title}</p>
        {children !== undefined && <div className="mt-0.5 text-foreground/85">{children}</div>}
      </div>
    </div>
  );
}
