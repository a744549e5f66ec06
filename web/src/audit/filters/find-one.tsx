"use client";

import type { AuditChoice } from "@remote-claude/protocol";
import { useQuery } from "@tanstack/react-query";
import type { LucideIcon } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useSettled } from "../../admin/use-pages.ts";
import { Button } from "../../components/ui/button.tsx";
import {
  Command,
  CommandGroup,
  CommandInput,
  CommandItem,
  CommandList,
} from "../../components/ui/command.tsx";
import { Popover, PopoverContent, PopoverTrigger } from "../../components/ui/popover.tsx";
import { messageOf } from "../../lib/errors.ts";

interface FindOneProps {
  readonly label: string;
  readonly Icon: LucideIcon;
  /** The chosen one's name; null: none is chosen. */
  readonly chosen: string | null;
  /** What the answers are kept under. */
  readonly queryKey: string;
  find(search: string, signal: AbortSignal): Promise<readonly AuditChoice[]>;
  onChoose(id: string | null): void;
}

/** Finds one of many by its name. */
export function FindOne(props: FindOneProps) {
  const [open, setOpen] = useState(false);
  const { Icon, label, chosen } = props;
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button className="max-w-48">
          <Icon /> <span className="truncate">{chosen ?? label}</span>
        </Button>
      </PopoverTrigger>
      <PopoverContent className="w-80 max-w-[calc(100vw-2rem)] p-0">
        <Found {...props} onClose={() => setOpen(false)} />
      </PopoverContent>
    </Popover>
  );
}

function Line({ children, role }: { children: ReactNode; role?: string }) {
  return (
    <p role={role} className="px-3 py-4 text-center text-muted-foreground">
      {children}
    </p>
  );
}

function Found({ label, chosen, queryKey, find, onChoose, onClose }: FindOneProps & { onClose(): void }) {
  const [search, setSearch] = useState("");
  const settled = useSettled(search.trim());
  const { data, error } = useQuery({
    queryKey: [queryKey, settled],
    queryFn: ({ signal }) => find(settled, signal),
    placeholderData: (before) => before,
  });
  const choose = (id: string | null) => {
    onChoose(id);
    onClose();
  };
  return (
    <Command shouldFilter={false}>
      <CommandInput
        aria-label={`Search: ${label.toLowerCase()}`}
        placeholder="Name"
        value={search}
        maxLength={200}
        onValueChange={setSearch}
      />
      <CommandList className="max-h-72">
        {error !== null && <Line role="alert">{messageOf(error)}</Line>}
        {data === undefined && error === null && <Line role="status">Looking…</Line>}
        {data?.length === 0 && <Line role="status">Nobody and nothing of that name.</Line>}
        <CommandGroup>
          {chosen !== null && (
            <CommandItem value="none" onSelect={() => choose(null)} className="text-muted-foreground">
              All
            </CommandItem>
          )}
          {data?.map(({ id, name, about }) => (
            <CommandItem key={id} value={id} onSelect={() => choose(id)}>
              <span className="min-w-0 flex-1 truncate">{name}</span>
              <span className="max-w-[50%] truncate text-muted-foreground text-xs">{about}</span>
            </CommandItem>
          ))}
        </CommandGroup>
      </CommandList>
    </Command>
  );
}
