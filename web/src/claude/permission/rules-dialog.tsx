"use client";

import type { PermissionRule } from "@remote-claude/protocol";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2Icon } from "lucide-react";
import { useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogHeader,
  DialogTitle,
} from "../../components/ui/dialog.tsx";
import { messageOf } from "../../lib/errors.ts";
import { live } from "../../lib/live.ts";
import { toast } from "../../lib/toast.ts";
import { useCommand } from "../../workbench/commands.ts";
import { scopeTexts } from "./scopes.ts";

const behaviors = { allow: "Allowed", ask: "Always asked", deny: "Refused" } as const;
const keyOf = ({ rule, behavior, scope }: PermissionRule) => `${scope} ${behavior} ${rule}`;

function RuleRow({ rule, onRemove }: { rule: PermissionRule; onRemove: (() => void) | null }) {
  return (
    <li className="flex items-center gap-2 px-2.5 py-1.5">
      <span className="min-w-0 flex-1">
        <code className="claude-mono text-xs [overflow-wrap:anywhere]">{rule.rule}</code>
        <span className="block text-[11px] text-muted-foreground">
          {behaviors[rule.behavior]} · {scopeTexts[rule.scope].label}: {scopeTexts[rule.scope].about}
        </span>
      </span>
      {onRemove !== null && (
        <Button variant="quiet" size="icon-sm" aria-label={`Remove ${rule.rule}`} onClick={onRemove}>
          <Trash2Icon />
        </Button>
      )}
    </li>
  );
}

function Rules({ sessionId, mayRemove }: { sessionId: string; mayRemove: boolean }) {
  const queries = useQueryClient();
  const queryKey = ["claude-rules", sessionId];
  const { data, error } = useQuery({
    queryKey,
    queryFn: () => live.command("rule.list", sessionId, {}, { offline: "fail" }),
    staleTime: 0,
  });
  const remove = async (rule: PermissionRule) => {
    try {
      await live.command("rule.remove", sessionId, rule);
    } catch (problem) {
      toast.error(messageOf(problem));
    }
    await queries.invalidateQueries({ queryKey });
  };
  if (error !== null) return <p className="text-destructive">{messageOf(error)}</p>;
  if (data === undefined) return <p className="text-muted-foreground">Asking the session…</p>;
  return (
    <>
      {data.rules.length === 0 && data.directories.length === 0 && (
        <p className="text-muted-foreground">
          There are none: Claude asks by its mode. What is allowed for the session or always is listed here.
        </p>
      )}
      <ul aria-label="Rules" className="divide-y rounded-lg border empty:hidden">
        {data.rules.map((rule) => (
          <RuleRow key={keyOf(rule)} rule={rule} onRemove={mayRemove ? () => void remove(rule) : null} />
        ))}
      </ul>
      {data.directories.length > 0 && (
        <p className="text-muted-foreground text-xs [overflow-wrap:anywhere]">
          Open to Claude besides the workspace: {data.directories.join(", ")}
        </p>
      )}
      {data.unreadable.map((problem) => (
        <p key={problem} className="text-destructive text-xs [overflow-wrap:anywhere]">
          {problem}
        </p>
      ))}
    </>
  );
}

/** All rules by which Claude Code decides in this session without asking, in one place; opened by a command. */
export function RulesDialog({ sessionId, mayRemove }: { sessionId: string; mayRemove: boolean }) {
  const [open, setOpen] = useState(false);
  useCommand({ id: "claude.rules", title: "Claude: Permission rules", run: () => setOpen(true) });
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogContent className="max-w-lg">
        <DialogHeader>
          <DialogTitle>Permission rules</DialogTitle>
          <DialogDescription>By these Claude Code decides without asking.</DialogDescription>
        </DialogHeader>
        <Rules sessionId={sessionId} mayRemove={mayRemove} />
      </DialogContent>
    </Dialog>
  );
}
