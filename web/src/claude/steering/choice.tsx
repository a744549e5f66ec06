/** A row of a menu: what is chosen, and a line about it. */
export function Choice({ label, about }: { label: string; about: string }) {
  return (
    <span>
      {label}
      {about !== "" && <span className="block text-[11px] text-muted-foreground">{about}</span>}
    </span>
  );
}
