import { type AdminUser, deleteUser, Email, getAdminUser } from "@remote-claude/protocol";
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Notice } from "../../components/notice.tsx";
import {
  AlertDialog,
  AlertDialogCancel,
  AlertDialogContent,
  AlertDialogDescription,
  AlertDialogFooter,
  AlertDialogTitle,
} from "../../components/ui/alert-dialog.tsx";
import { Button } from "../../components/ui/button.tsx";
import { Input } from "../../components/ui/input.tsx";
import { Skeleton } from "../../components/ui/skeleton.tsx";
import { call } from "../../lib/api.ts";
import { messageOf } from "../../lib/errors.ts";

interface DeletePersonDialogProps {
  person: AdminUser;
  open: boolean;
  onClose(): void;
  onDeleted(): void;
}

/** Says what would happen, to their sessions above all, before it happens. */
export function DeletePersonDialog({ person, open, onClose, onDeleted }: DeletePersonDialogProps) {
  return (
    <AlertDialog open={open} onOpenChange={onClose}>
      <AlertDialogContent>
        <AlertDialogTitle>Delete {person.name}?</AlertDialogTitle>
        <AlertDialogDescription>
          Their name, address, password, tokens and links to sign-in providers are taken away for good. What
          they spent stays in the sums, and the audit record stays as it is.
        </AlertDialogDescription>
        <Fate person={person} onClose={onClose} onDeleted={onDeleted} />
      </AlertDialogContent>
    </AlertDialog>
  );
}

function Fate({ person, onClose, onDeleted }: Omit<DeletePersonDialogProps, "open">) {
  const id = useId();
  const params = { userId: person.id };
  const { data, error } = useQuery({
    queryKey: ["admin-user", person.id],
    queryFn: ({ signal }) => call(getAdminUser, { params, signal }),
    staleTime: 0,
  });
  const [fate, setFate] = useState<"give" | "delete">("give");
  const [heir, setHeir] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const count = data?.sessions.length ?? 0;

  async function remove() {
    const to = Email.safeParse(heir);
    if (count > 0 && fate === "give" && !to.success) {
      setProblem("Write the e-mail address of who gets their sessions.");
      return;
    }
    setBusy(true);
    setProblem(null);
    try {
      const give = count > 0 && fate === "give" && to.success;
      const body = give ? { sessions: "give" as const, to: to.data } : { sessions: "delete" as const };
      await call(deleteUser, { params, body });
      onDeleted();
      onClose();
    } catch (cause) {
      setProblem(messageOf(cause));
      setBusy(false);
    }
  }

  return (
    <>
      {error !== null && <Notice tone="destructive" title={messageOf(error)} />}
      {data === undefined && error === null && <Skeleton className="h-16" />}
      {data !== undefined && count === 0 && <p>They have no sessions.</p>}
      {data !== undefined && count > 0 && (
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-2 font-medium">
            {count === 1 ? "Their session" : `Their ${count} sessions`}:{" "}
            <span className="font-normal text-muted-foreground">
              {data.sessions
                .slice(0, 5)
                .map(({ name }) => name)
                .join(", ")}
              {count > 5 && ` and ${count - 5} more`}
            </span>
          </legend>
          <Choice name={id} checked={fate === "give"} onChoose={() => setFate("give")}>
            Give them to another person
          </Choice>
          {fate === "give" && (
            <Input
              aria-label="E-mail address of who gets them"
              type="email"
              placeholder="E-mail address"
              className="ml-6 w-[calc(100%-1.5rem)]"
              value={heir}
              onChange={(event) => setHeir(event.target.value)}
            />
          )}
          <Choice name={id} checked={fate === "delete"} onChoose={() => setFate("delete")}>
            Delete them, with files and conversations, for good
          </Choice>
        </fieldset>
      )}
      {problem !== null && (
        <p role="alert" className="text-destructive text-xs">
          {problem}
        </p>
      )}
      <AlertDialogFooter>
        <AlertDialogCancel>Cancel</AlertDialogCancel>
        <Button variant="destructive" disabled={busy || data === undefined} onClick={() => void remove()}>
          Delete person
        </Button>
      </AlertDialogFooter>
    </>
  );
}

function Choice({
  name,
  checked,
  onChoose,
  children,
}: {
  name: string;
  checked: boolean;
  onChoose(): void;
  children: string;
}) {
  return (
    <label className="flex items-center gap-2">
      <input type="radio" name={name} className="size-4 accent-clay" checked={checked} onChange={onChoose} />
      {children}
    </label>
  );
}
