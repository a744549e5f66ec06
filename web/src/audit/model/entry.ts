import type { AuditEntry } from "@remote-claude/protocol";

export type Entry = AuditEntry;

/** Who did it, in words: "Ada", "Ada, by the token CI", "Claude for Ada", "Somebody unknown". */
export function whoWords({
  actorKind,
  person,
  token,
}: Pick<Entry, "actorKind" | "person" | "token">): string {
  const name = person?.name ?? null;
  if (actorKind === "claude") return name === null ? "Claude" : `Claude for ${name}`;
  if (actorKind === "system") return "Remote Claude";
  if (actorKind === "token")
    return `${name ?? "Somebody"}, by ${token === null ? "a token" : `the token ${token.name}`}`;
  return name ?? "Somebody unknown";
}
