import type { ReactNode } from "react";
import { BrandMark } from "../components/brand.tsx";

/** The page around every way to sign in. */
export function SignInFrame({ children }: { children: ReactNode }) {
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center px-4 py-10">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex flex-col items-center gap-3 text-center">
          <BrandMark className="size-11" />
          <div>
            <h1 className="font-semibold text-xl tracking-tight">Remote Claude</h1>
            <p className="mt-0.5 text-muted-foreground">Claude Code on your organisation's own server</p>
          </div>
        </div>
        <div className="rounded-xl border bg-surface p-5 shadow-xs">{children}</div>
      </div>
    </main>
  );
}
