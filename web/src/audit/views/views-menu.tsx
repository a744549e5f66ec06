"use client";

import type { AuditView } from "@remote-claude/protocol";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { BookmarkIcon, PencilIcon, PlusIcon, Trash2Icon } from "lucide-react";
import { useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Popover, PopoverContent, PopoverTrigger } from "../../components/ui/popover.tsx";
import { messageOf } from "../../lib/errors.ts";
import { toast } from "../../lib/toast.ts";
import { askViews, deleteView, renameView, saveView } from "../data/views.ts";
import { type Filters, filtersOf, sameFilters, toParams } from "../filters/filters.ts";
import { NameDialog } from "./name-dialog.tsx";

type Naming = { readonly kind: "new" } | { readonly kind: "rename"; readonly view: AuditView } | null;

/** Filters that were saved under a name: open, save, rename, delete. */
export function ViewsMenu({ filters, onOpen }: { filters: Filters; onOpen(filters: Filters): void }) {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [naming, setNaming] = useState<Naming>(null);
  const { data, error } = useQuery({ queryKey: ["audit-views"], queryFn: ({ signal }) => askViews(signal) });
  const refresh = () => queries.invalidateQueries({ queryKey: ["audit-views"] });
  const current = data?.find((view) => sameFilters(filtersOf(new URLSearchParams(view.search)), filters));
  const remove = async (view: AuditView) => {
    try {
      await deleteView(view.id);
      toast.success(`“${view.name}” is deleted.`);
    } catch (problem) {
      toast.error(messageOf(problem));
    }
    await refresh();
  };
  const submit = async (name: string) => {
    if (naming?.kind === "rename") await renameView(naming.view.id, name);
    else await saveView(name, toParams(filters).toString());
    await refresh();
  };
  const name = (what: Naming) => {
    setOpen(false);
    setNaming(what);
  };
  return (
    <>
      <Popover open={open} onOpenChange={setOpen}>
        <PopoverTrigger asChild>
          <Button className="max-w-44">
            <BookmarkIcon /> <span className="truncate">{current?.name ?? "Views"}</span>
          </Button>
        </PopoverTrigger>
        <PopoverContent align="end" aria-label="Saved views" className="w-72 p-1.5">
          {error !== null && (
            <p role="alert" className="px-2 py-1.5 text-destructive text-xs">
              {messageOf(error)}
            </p>
          )}
          {data?.length === 0 && (
            <p className="px-2 py-1.5 text-muted-foreground text-xs">
              Filters that you use again and again can be saved under a name.
            </p>
          )}
          <ul aria-label="Saved views" className="max-h-72 overflow-y-auto">
            {data?.map((view) => (
              <li key={view.id} className="flex items-center">
                <button
                  type="button"
                  aria-current={view === current || undefined}
                  onClick={() => {
                    onOpen(filtersOf(new URLSearchParams(view.search)));
                    setOpen(false);
                  }}
                  className="h-8 min-w-0 flex-1 truncate rounded-sm px-2 text-left hover:bg-hover aria-[current]:font-semibold"
                >
                  {view.name}
                </button>
                <Button
                  variant="quiet"
                  size="icon-sm"
                  aria-label={`Rename ${view.name}`}
                  onClick={() => name({ kind: "rename", view })}
                >
                  <PencilIcon />
                </Button>
                <Button
                  variant="quiet"
                  size="icon-sm"
                  aria-label={`Delete ${view.name}`}
                  onClick={() => void remove(view)}
                >
                  <Trash2Icon />
                </Button>
              </li>
            ))}
          </ul>
          <button
            type="button"
            onClick={() => name({ kind: "new" })}
            className="mt-1 flex h-8 w-full items-center gap-2 rounded-sm border-t px-2 text-left hover:bg-hover"
          >
            <PlusIcon aria-hidden className="size-4 text-muted-foreground" /> Save these filters…
          </button>
        </PopoverContent>
      </Popover>
      <NameDialog
        title={naming?.kind === "rename" ? `Rename “${naming.view.name}”` : "Save these filters"}
        initial={naming?.kind === "rename" ? naming.view.name : ""}
        open={naming !== null}
        onClose={() => setNaming(null)}
        onSubmit={submit}
      />
    </>
  );
}
