import { type AdminUser, changeUser, OrganisationRole } from "@remote-claude/protocol";
import { BanIcon, CheckIcon, EllipsisIcon, KeyRoundIcon, Trash2Icon, WalletIcon } from "lucide-react";
import { useState } from "react";
import {
  AlertDialog,
  AlertDialogAction,
  AlertDialogCancel,
  AlertDialogContent,
  AlertDialogDescription,
  AlertDialogFooter,
  AlertDialogTitle,
} from "../../components/ui/alert-dialog.tsx";
import { Button } from "../../components/ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "../../components/ui/dropdown-menu.tsx";
import { call } from "../../lib/api.ts";
import { messageOf } from "../../lib/errors.ts";
import { toast } from "../../lib/toast.ts";
import { BudgetDialog } from "./budget-dialog.tsx";
import { DeletePersonDialog } from "./delete-person-dialog.tsx";
import { WaysInDialog } from "./ways-in-dialog.tsx";

/** What is asked of the api about a person. */
export interface PersonChange {
  role?: OrganisationRole;
  status?: "active" | "disabled";
  monthlyBudgetUsd?: number | null;
}

const roleNames: Record<OrganisationRole, string> = { admin: "Admin", auditor: "Auditor", member: "Member" };

interface PersonMenuProps {
  person: AdminUser;
  you: boolean;
  onChanged(): void;
}

/** Role, budget, ways in, disabling and deleting. What one may not do to oneself is not offered. */
export function PersonMenu({ person, you, onChanged }: PersonMenuProps) {
  const [dialog, setDialog] = useState<"budget" | "ways-in" | "disable" | "delete" | null>(null);
  const close = () => setDialog(null);
  const change = async (body: PersonChange): Promise<boolean> => {
    try {
      await call(changeUser, { params: { userId: person.id }, body });
      onChanged();
      return true;
    } catch (error) {
      toast.error(messageOf(error));
      return false;
    }
  };
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button variant="quiet" size="icon-sm" aria-label={`Actions for ${person.name}`}>
            <EllipsisIcon />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent
          align="end"
          onCloseAutoFocus={(event) => dialog !== null && event.preventDefault()}
        >
          {!you && (
            <>
              <DropdownMenuLabel>Role</DropdownMenuLabel>
              <DropdownMenuRadioGroup
                value={person.role}
                onValueChange={(role) => void change({ role: role as OrganisationRole })}
              >
                {OrganisationRole.options.map((role) => (
                  <DropdownMenuRadioItem key={role} value={role}>
                    {roleNames[role]}
                  </DropdownMenuRadioItem>
                ))}
              </DropdownMenuRadioGroup>
              <DropdownMenuSeparator />
            </>
          )}
          <DropdownMenuItem onSelect={() => setDialog("budget")}>
            <WalletIcon /> Budget…
          </DropdownMenuItem>
          <DropdownMenuItem onSelect={() => setDialog("ways-in")}>
            <KeyRoundIcon /> Sign-in…
          </DropdownMenuItem>
          {!you && (
            <>
              {person.status === "active" ? (
                <DropdownMenuItem onSelect={() => setDialog("disable")}>
                  <BanIcon /> Disable…
                </DropdownMenuItem>
              ) : (
                <DropdownMenuItem onSelect={() => void change({ status: "active" })}>
                  <CheckIcon /> Enable
                </DropdownMenuItem>
              )}
              <DropdownMenuSeparator />
              <DropdownMenuItem danger onSelect={() => setDialog("delete")}>
                <Trash2Icon /> Delete…
              </DropdownMenuItem>
            </>
          )}
        </DropdownMenuContent>
      </DropdownMenu>
      <BudgetDialog person={person} open={dialog === "budget"} onClose={close} onSave={change} />
      <WaysInDialog person={person} you={you} open={dialog === "ways-in"} onClose={close} />
      <DisableDialog
        person={person}
        open={dialog === "disable"}
        onClose={close}
        onDisable={() => void change({ status: "disabled" })}
      />
      <DeletePersonDialog person={person} open={dialog === "delete"} onClose={close} onDeleted={onChanged} />
    </>
  );
}

function DisableDialog({
  person,
  open,
  onClose,
  onDisable,
}: {
  person: AdminUser;
  open: boolean;
  onClose(): void;
  onDisable(): void;
}) {
  const { name, runningSessions: running } = person;
  return (
    <AlertDialog open={open} onOpenChange={onClose}>
      <AlertDialogContent className="max-w-sm">
        <AlertDialogTitle>Disable {name}?</AlertDialogTitle>
        <AlertDialogDescription>
          They are signed out everywhere at once and cannot sign in. Their files and chats stay.
          {running > 0 &&
            ` ${running === 1 ? "Their running session is" : `Their ${running} running sessions are`} stopped.`}
        </AlertDialogDescription>
        <AlertDialogFooter>
          <AlertDialogCancel>Cancel</AlertDialogCancel>
          <AlertDialogAction onClick={onDisable}>Disable</AlertDialogAction>
        </AlertDialogFooter>
      </AlertDialogContent>
    </AlertDialog>
  );
}
