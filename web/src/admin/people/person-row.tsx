import type { AdminUser } from "@remote-claude/protocol";
import { Avatar } from "../../components/avatar.tsx";
import { Badge, type BadgeTone } from "../../components/ui/badge.tsx";
import { formatRelative, formatUsd } from "../../lib/format.ts";
import { PersonMenu } from "./person-menu.tsx";

const roleTones: Record<AdminUser["role"], BadgeTone> = {
  admin: "clay",
  auditor: "info",
  member: "neutral",
};

const sessionsOf = ({ sessions, runningSessions }: AdminUser) =>
  `${sessions} ${sessions === 1 ? "session" : "sessions"}${runningSessions > 0 ? `, ${runningSessions} running` : ""}`;

/** One person in the list, with what can be done about them. */
export function PersonRow({
  person,
  you,
  onChanged,
}: {
  person: AdminUser;
  you: boolean;
  onChanged(): void;
}) {
  const { email, name, role, status, lastSignInAt, monthCostUsd, monthlyBudgetUsd } = person;
  return (
    <li className="flex items-center gap-3 py-2.5 first:pt-0 last:pb-0">
      <Avatar person={person} className={status === "disabled" ? "opacity-40" : ""} />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
          <span className="truncate font-medium">{name}</span>
          {you && <span className="text-muted-foreground">(you)</span>}
          <Badge tone={roleTones[role]}>{role}</Badge>
          {status === "disabled" && <Badge tone="destructive">disabled</Badge>}
        </p>
        <p className="truncate text-muted-foreground text-xs">
          {email} · {lastSignInAt === null ? "never signed in" : `signed in ${formatRelative(lastSignInAt)}`}
        </p>
        <p className="text-muted-foreground text-xs">
          {sessionsOf(person)} · {formatUsd(monthCostUsd)} this month
          {monthlyBudgetUsd !== null && ` of ${formatUsd(monthlyBudgetUsd)}`}
        </p>
      </div>
      <PersonMenu person={person} you={you} onChanged={onChanged} />
    </li>
  );
}
