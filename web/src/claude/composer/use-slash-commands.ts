"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { live } from "../../lib/live.ts";
import { findSlash, matchCommands } from "./slash-commands.ts";

/** How long an answer counts: commands come and go while Claude works. */
const staleMs = 15_000;

/** The slash commands that fit what is typed; `commands` is null while none is being typed. */
export function useSlashCommands(sessionId: string, conversationId: string, text: string, cursor: number) {
  const query = findSlash(text, cursor);
  const begun = text.startsWith("/");
  const { data, isError, isPending } = useQuery({
    queryKey: ["slash-commands", sessionId, conversationId],
    queryFn: () =>
      live.command("chat.commands", sessionId, { conversationId }, { offline: "fail", timeoutMs: 30_000 }),
    enabled: begun,
    staleTime: staleMs,
    retry: 1,
  });
  const [dismissed, setDismissed] = useState(false);
  const [chosen, setChosen] = useState({ query: "", active: 0 });
  if (!begun && dismissed) setDismissed(false);
  const all = data?.commands;
  const fitting = useMemo(
    () => (query === null || all === undefined ? [] : matchCommands(all, query)),
    [all, query],
  );
  const open = query !== null && !dismissed;
  const active = chosen.query === query ? Math.min(chosen.active, fitting.length - 1) : 0;
  const named = /^\/(\S+)\s+$/.exec(text)?.[1];
  return {
    query,
    commands: open && fitting.length > 0 ? fitting : null,
    /** In the place of the list: it is being asked for, or nothing fits. */
    note: open && begun ? noteOf(isPending, isError, fitting.length) : null,
    active,
    /** What may follow the command that stands there. */
    hint: all?.find(({ name }) => name === named)?.argumentHint || null,
    setActive: (next: number) => setChosen({ query: query ?? "", active: next }),
    dismiss: () => setDismissed(true),
  };
}

function noteOf(isPending: boolean, isError: boolean, count: number): string | null {
  if (isPending) return "Asking Claude Code for its commands…";
  if (isError) return "Claude Code did not say which commands it knows.";
  return count === 0 ? "No such command. It is sent as it stands." : null;
}
