"use client";

import type { ConversationHit, SnippetPart, TitleHit } from "@remote-claude/protocol";
import { ArchiveIcon, MessageSquareIcon, SparklesIcon, UserIcon } from "lucide-react";
import { useState } from "react";
import {
  Command,
  CommandDialog,
  CommandGroup,
  CommandInput,
  CommandItem,
  CommandList,
} from "../../components/ui/command.tsx";
import { formatRelative } from "../../lib/format.ts";
import { cn } from "../../lib/utils.ts";
import { useFindConversations } from "./find-conversations.ts";

interface FindDialogProps {
  readonly open: boolean;
  onOpenChange(open: boolean): void;
  /** The session that one is in: it can be looked in alone. null: in none. */
  readonly sessionId: string | null;
  onChoose(hit: ConversationHit | TitleHit): void;
}

/** Finds what was said in all conversations that one may see. */
export function FindDialog({ open, onOpenChange, ...props }: FindDialogProps) {
  return (
    <CommandDialog title="Find in conversations" open={open} onOpenChange={onOpenChange}>
      {/* Made anew each time: nothing of the last search is left. */}
      {open && <FindContent {...props} />}
    </CommandDialog>
  );
}

function FindContent({ sessionId, onChoose }: Pick<FindDialogProps, "sessionId" | "onChoose">) {
  const [text, setText] = useState("");
  const [everywhere, setEverywhere] = useState(sessionId === null);
  const { found, loadMore, loadingMore, asking } = useFindConversations(text, everywhere ? null : sessionId);
  const { hits, titles, more, error, query } = found;
  const empty = hits.length === 0 && titles.length === 0;
  return (
    <Command shouldFilter={false} loop>
      <CommandInput
        autoFocus
        aria-label="Find in conversations"
        placeholder={'Find what was said: words, "words in a row", -without'}
        value={text}
        maxLength={200}
        onValueChange={setText}
      />
      {sessionId !== null && (
        <fieldset className="flex gap-1 border-b px-2 py-1.5 text-xs">
          <legend className="sr-only">Where to look</legend>
          <Where label="This session" chosen={!everywhere} onChoose={() => setEverywhere(false)} />
          <Where label="All my sessions" chosen={everywhere} onChoose={() => setEverywhere(true)} />
        </fieldset>
      )}
      <CommandList className="max-h-[min(70dvh,32rem)]">
        {text.trim() === "" ? (
          <Line>What you and others wrote and what Claude said, in every session you have a part in.</Line>
        ) : error !== null ? (
          <Line role="alert">{error}</Line>
        ) : query === null ? (
          <Line role="status">Looking…</Line>
        ) : (
          empty && <Line role="status">{asking ? "Looking…" : `Nobody said “${query}”.`}</Line>
        )}
        {titles.length > 0 && (
          <CommandGroup heading="Conversations">
            {titles.map((hit) => (
              <CommandItem
                key={hit.conversationId}
                value={`title ${hit.conversationId}`}
                onSelect={() => onChoose(hit)}
              >
                <MessageSquareIcon aria-hidden className="size-4 shrink-0 text-muted-foreground" />
                <span className="min-w-0 flex-1 truncate">{hit.title}</span>
                <Origin hit={hit} at={hit.lastActiveAt} everywhere={everywhere} />
              </CommandItem>
            ))}
          </CommandGroup>
        )}
        {hits.length > 0 && (
          <CommandGroup heading="Messages">
            {hits.map((hit) => (
              <Hit
                key={`${hit.conversationId} ${hit.seq}`}
                hit={hit}
                everywhere={everywhere}
                onChoose={() => onChoose(hit)}
              />
            ))}
            {more && (
              <CommandItem
                value="more"
                onSelect={() => void loadMore()}
                className="justify-center text-muted-foreground"
              >
                {loadingMore ? "Looking…" : "Show earlier ones"}
              </CommandItem>
            )}
          </CommandGroup>
        )}
      </CommandList>
    </Command>
  );
}

function Where({ label, chosen, onChoose }: { label: string; chosen: boolean; onChoose(): void }) {
  return (
    <button
      type="button"
      aria-pressed={chosen}
      onClick={onChoose}
      className={cn(
        "rounded-md px-2 py-0.5 text-muted-foreground hover:text-foreground",
        chosen && "bg-selected text-foreground",
      )}
    >
      {label}
    </button>
  );
}

function Line({ children, role }: { children: React.ReactNode; role?: string }) {
  return (
    <p role={role} className="px-3 py-6 text-center text-[13px] text-muted-foreground">
      {children}
    </p>
  );
}

function Origin({
  hit,
  at,
  everywhere,
}: {
  hit: ConversationHit | TitleHit;
  at: string;
  everywhere: boolean;
}) {
  return (
    <span className="flex shrink-0 items-center gap-1.5 text-[11px] text-muted-foreground">
      {hit.archived && <ArchiveIcon role="img" aria-label="Archived" className="size-3" />}
      {everywhere && <span className="max-w-32 truncate">{hit.sessionName}</span>}
      <span>{formatRelative(at)}</span>
    </span>
  );
}

function Hit({ hit, everywhere, onChoose }: { hit: ConversationHit; everywhere: boolean; onChoose(): void }) {
  const Icon = hit.by === "claude" ? SparklesIcon : UserIcon;
  return (
    <CommandItem value={`${hit.conversationId} ${hit.seq}`} onSelect={onChoose} className="items-start">
      <Icon
        role="img"
        aria-label={hit.by === "claude" ? "Claude said" : "A person wrote"}
        className="mt-0.5 size-4 shrink-0 text-muted-foreground"
      />
      <span className="min-w-0 flex-1">
        <span className="flex items-baseline gap-2">
          <span className="min-w-0 flex-1 truncate text-muted-foreground text-xs">
            {hit.title ?? "Untitled"}
          </span>
          <Origin hit={hit} at={hit.at} everywhere={everywhere} />
        </span>
        <span className="line-clamp-2 [overflow-wrap:anywhere]">
          <Snippet parts={hit.snippet} />
        </span>
      </span>
    </CommandItem>
  );
}

/** Texts only, so nothing in them can become markup. */
function Snippet({ parts }: { parts: readonly SnippetPart[] }) {
  return parts.map(({ text, match }, index) =>
    match ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts have no identity but their place
      <mark key={index} className="rounded-xs bg-warning-soft px-px text-foreground">
        {text}
      </mark>
    ) : (
      text
    ),
  );
}
