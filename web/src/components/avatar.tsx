import { cn } from "../lib/utils.ts";

/** At most two letters that stand for a name (or an e-mail address). */
export const initialsOf = (name: string) =>
  name
    .split(/[\s@.]+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => [...word][0]?.toUpperCase())
    .join("");

const tones = [
  "bg-clay-soft text-clay",
  "bg-info-soft text-info",
  "bg-success-soft text-success",
  "bg-warning-soft text-warning",
] as const;

/** The same person has the same colour everywhere. */
function toneOf(id: string): string {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + character.charCodeAt(0)) % 9973;
  return tones[sum % tones.length] ?? tones[0];
}

/** A person as a disc with their initials; whoever puts it somewhere says who it is beside it. */
export function Avatar({ person, className }: { person: { id: string; name: string }; className?: string }) {
  return (
    <span
      aria-hidden
      className={cn(
        "flex size-7 shrink-0 select-none items-center justify-center rounded-full font-semibold text-[11px]",
        toneOf(person.id),
        className,
      )}
    >
      {initialsOf(person.name)}
    </span>
  );
}
