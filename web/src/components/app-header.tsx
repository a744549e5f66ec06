"use client";

import Link from "next/link";
import { useCurrentUser } from "../lib/current-user.tsx";
import { cn } from "../lib/utils.ts";
import { BrandMark } from "./brand.tsx";
import { UserMenu } from "./user-menu.tsx";

/** The bar above every page but the workbench. `wide`: for a page that takes all of the window. */
export function AppHeader({ wide = false }: { wide?: boolean }) {
  const { abilities } = useCurrentUser();
  return (
    <header className="sticky top-0 z-20 border-b bg-chrome">
      <div className={cn("mx-auto flex h-11 items-center gap-3 px-4", !wide && "max-w-6xl")}>
        <Link href="/" className="flex items-center gap-2 rounded-sm font-semibold">
          <BrandMark className="size-5.5" />
          Remote Claude
        </Link>
        {abilities.includes("audit.view") && (
          <nav aria-label="Review">
            <Link
              href="/audit"
              className="flex h-7 items-center rounded-md px-2 text-muted-foreground hover:bg-hover hover:text-foreground"
            >
              Audit
            </Link>
          </nav>
        )}
        <div className="ml-auto">
          <UserMenu />
        </div>
      </div>
    </header>
  );
}
