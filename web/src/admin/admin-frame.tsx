"use client";

import { ArrowLeftIcon } from "lucide-react";
import Link from "next/link";
import { usePathname, useRouter } from "next/navigation";
import type { ReactNode } from "react";
import { AppHeader } from "../components/app-header.tsx";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "../components/ui/select.tsx";
import { useCurrentUser } from "../lib/current-user.tsx";
import { cn } from "../lib/utils.ts";
import { type AdminSection, adminSectionsFor, hrefOf } from "./sections.ts";

function SectionList({ sections, current }: { sections: readonly AdminSection[]; current: string }) {
  return (
    <nav aria-label="Administration" className="hidden w-44 shrink-0 md:block">
      <ul className="sticky top-17 flex flex-col gap-0.5">
        {sections.map((section) => (
          <li key={section.id}>
            <Link
              href={hrefOf(section)}
              aria-current={section.id === current ? "page" : undefined}
              className={cn(
                "flex h-8 items-center gap-2 rounded-md px-2.5 text-muted-foreground hover:bg-hover hover:text-foreground",
                section.id === current && "bg-selected font-medium text-foreground hover:bg-selected",
              )}
            >
              <section.Icon className="size-4 shrink-0" aria-hidden />
              {section.title}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** The same list for a narrow screen. */
function SectionSelect({ sections, current }: { sections: readonly AdminSection[]; current: string }) {
  const router = useRouter();
  return (
    <div className="md:hidden">
      <Select value={current} onValueChange={(id) => router.push(hrefOf({ id }))}>
        <SelectTrigger aria-label="Section" className="h-10 w-full">
          <SelectValue />
        </SelectTrigger>
        <SelectContent>
          {sections.map(({ id, title }) => (
            <SelectItem key={id} value={id}>
              {title}
            </SelectItem>
          ))}
        </SelectContent>
      </Select>
    </div>
  );
}

/** What stands around every page of the administration: the way back, and the way to the other sections. */
export function AdminFrame({ children }: { children: ReactNode }) {
  const sections = adminSectionsFor(useCurrentUser());
  const current = usePathname().split("/")[2] ?? "";
  return (
    <>
      <AppHeader />
      <main className="mx-auto flex max-w-6xl flex-col gap-5 px-4 py-6">
        <div className="flex items-center gap-2">
          <Link
            href="/"
            aria-label="Back to your sessions"
            className="rounded-md p-1 text-muted-foreground hover:bg-hover hover:text-foreground"
          >
            <ArrowLeftIcon className="size-4" />
          </Link>
          <h1 className="font-semibold text-lg tracking-tight">Administration</h1>
        </div>
        <div className="flex flex-col gap-5 md:flex-row md:gap-8">
          <SectionList sections={sections} current={current} />
          <SectionSelect sections={sections} current={current} />
          <div className="flex min-w-0 flex-1 flex-col gap-5">{children}</div>
        </div>
      </main>
    </>
  );
}
