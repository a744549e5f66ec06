"use client";

import { exportAuditBundle, exportAuditLines, exportAuditTable } from "@remote-claude/protocol";
import { DownloadIcon } from "lucide-react";
import { Button } from "../../components/ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuTrigger,
} from "../../components/ui/dropdown-menu.tsx";
import { urlOf } from "../../lib/api.ts";
import { queryOf } from "../data/ask.ts";
import type { Filters } from "../filters/filters.ts";
import { boundsOf } from "../model/time-range.ts";

const kinds = [
  { route: exportAuditTable, title: "Table (CSV)", about: "A line for each entry, for a spreadsheet" },
  { route: exportAuditLines, title: "JSON lines", about: "Each entry as it is sealed, for programs" },
  {
    route: exportAuditBundle,
    title: "Signed bundle",
    about: "Entries with their way to the seals, all seals, and a script that verifies them offline",
  },
] as const;

/** Takes what is looked for out of the page, however much it is: the browser saves it as it comes. */
export function ExportMenu({ filters, now }: { filters: Filters; now: number }) {
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button>
          <DownloadIcon /> Export
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end" className="max-w-72">
        <DropdownMenuLabel>What is looked for now, all of it; the export goes on record</DropdownMenuLabel>
        {kinds.map(({ route, title, about }) => (
          <DropdownMenuItem key={title} asChild>
            <a href={urlOf(route, {}, queryOf(filters, boundsOf(filters.range, now)))} download>
              <span>
                <span className="block font-medium">{title}</span>
                <span className="block text-muted-foreground text-xs">{about}</span>
              </span>
            </a>
          </DropdownMenuItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
