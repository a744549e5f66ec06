import { cn } from "../../lib/utils.ts";

/** "Thursday, November 26, 2026, 7:20:03.123 PM GMT+1 · 2026-11-26T18:20:03.123Z" */
export function exactTime(at: string): string {
  const local = new Date(at).toLocaleString("en", {
    dateStyle: "full",
    timeStyle: "long",
  });
  return `${local} · ${at}`;
}

/** The time of day, to the second; the exact moment as a title. */
export function Clock({ at, className }: { at: string; className?: string }) {
  return (
    <time dateTime={at} title={exactTime(at)} className={cn("tabular-nums", className)}>
      {new Date(at).toLocaleTimeString("en", {
        hour: "2-digit",
        minute: "2-digit",
        second: "2-digit",
        hour12: false,
      })}
    </time>
  );
}
