import type { SessionMember, SharedRole } from "@remote-claude/protocol";
import { ChevronDownIcon } from "lucide-react";
import { Avatar } from "../components/avatar.tsx";
import { Button } from "../components/ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuCheckboxItem,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "../components/ui/dropdown-menu.tsx";
import { formatMoment } from "../lib/format.ts";
import { roleMeanings, roleNames, sharedRoles } from "./roles.ts";

/** How they came in and for how long, and whether they answer against what their role says. */
function about({ by, expiresAt, mayAnswer, role }: SessionMember): string | null {
  const parts = [
    by === "link" ? "by a link" : null,
    by === "admin" ? "an admin who looks inside" : null,
    mayAnswer && role === "viewer" ? "answers Claude" : null,
    !mayAnswer && role === "editor" ? "does not answer Claude" : null,
    expiresAt === null ? null : `until ${formatMoment(expiresAt)}`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(" · ");
}

interface MemberRowProps {
  member: SessionMember;
  /** They are who looks at the list. */
  you: boolean;
  /** Whoever looks may change it. */
  editable: boolean;
  onChange(change: { role?: SharedRole; mayAnswer?: boolean }): void;
  onRemove(): void;
}

/** A person in the share dialog: who they are, what they are here, and a menu to change that. */
export function MemberRow({ member, you, editable, onChange, onRemove }: MemberRowProps) {
  const { user, role } = member;
  const more = about(member);
  return (
    <li className="flex items-center gap-2.5 py-2 first:pt-0 last:pb-0">
      <Avatar person={user} />
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">
          {user.name} {you && <span className="font-normal text-muted-foreground">(you)</span>}
        </p>
        <p className="truncate text-muted-foreground text-xs">{user.email}</p>
        {more !== null && <p className="text-muted-foreground text-xs">{more}</p>}
      </div>
      {editable && role !== "owner" ? (
        <PartMenu member={member} onChange={onChange} onRemove={onRemove} />
      ) : (
        <span className="px-2.5 text-muted-foreground">{roleNames[role]}</span>
      )}
    </li>
  );
}

function PartMenu({ member, onChange, onRemove }: Pick<MemberRowProps, "member" | "onChange" | "onRemove">) {
  const { user, role, mayAnswer, by } = member;
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" size="sm" aria-label={`${user.name}: ${roleNames[role]}`}>
          {roleNames[role]}
          <ChevronDownIcon className="size-3.5 text-muted-foreground" />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end" className="w-72">
        {by !== "admin" && (
          <>
            <DropdownMenuRadioGroup
              value={role}
              onValueChange={(next) => onChange({ role: next as SharedRole })}
            >
              {sharedRoles.map((shared) => (
                <DropdownMenuRadioItem key={shared} value={shared} className="h-auto items-start py-1.5">
                  <span>
                    {roleNames[shared]}
                    <span className="block text-muted-foreground text-xs">{roleMeanings[shared]}</span>
                  </span>
                </DropdownMenuRadioItem>
              ))}
            </DropdownMenuRadioGroup>
            <DropdownMenuSeparator />
            <DropdownMenuCheckboxItem
              checked={mayAnswer}
              onCheckedChange={(checked) => onChange({ mayAnswer: checked === true })}
            >
              May answer Claude’s questions
            </DropdownMenuCheckboxItem>
            <DropdownMenuSeparator />
          </>
        )}
        <DropdownMenuItem danger onSelect={onRemove}>
          Remove from the session
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
