import { ArrowLeftIcon } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { AppHeader } from "../../components/app-header.tsx";

/** What stands around every page of the review: its name, the way back, and what can be done with it. */
export function AuditFrame({
  title,
  about,
  back,
  actions,
  children,
}: {
  title: ReactNode;
  about?: ReactNode;
  /** Where one came from, where that is not the list of sessions. */
  back?: { href: string; label: string };
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <>
      <AppHeader wide />
      <main className="flex min-w-0 flex-col">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 pt-4 pb-3">
          {back !== undefined && (
            <Link
              href={back.href}
              aria-label={back.label}
              className="rounded-md p-1 text-muted-foreground hover:bg-hover hover:text-foreground"
            >
              <ArrowLeftIcon className="size-4" />
            </Link>
          )}
          <div className="min-w-0 flex-1 basis-52">
            <h1 className="truncate font-semibold text-lg tracking-tight">{title}</h1>
            {about !== undefined && <p className="text-muted-foreground text-xs">{about}</p>}
          </div>
          {actions !== undefined && (
            <div className="flex items-center gap-2 max-sm:-mx-4 max-sm:w-screen max-sm:overflow-x-auto max-sm:px-4">
              {actions}
            </div>
          )}
        </div>
        {children}
      </main>
    </>
  );
}
