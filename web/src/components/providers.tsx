"use client";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { ThemeProvider } from "next-themes";
import { type ReactNode, useState } from "react";
import { isRetryable } from "../lib/errors.ts";
import { LateToaster } from "./late-toaster.tsx";
import { StillThemeChange } from "./still-theme-change.tsx";
import { TooltipProvider } from "./ui/tooltip.tsx";

/** What every page stands in. `nonce` lets the theme's first script run under the page's policy. */
export function Providers({ nonce, children }: { nonce?: string; children: ReactNode }) {
  const [queries] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          queries: { staleTime: 10_000, retry: (count, error) => count < 3 && isRetryable(error) },
          mutations: { networkMode: "always" },
        },
      }),
  );
  return (
    <ThemeProvider
      attribute="class"
      defaultTheme="system"
      enableSystem
      {...(nonce === undefined ? {} : { nonce })}
    >
      <QueryClientProvider client={queries}>
        <TooltipProvider delayDuration={400}>{children}</TooltipProvider>
      </QueryClientProvider>
      <StillThemeChange />
      <LateToaster />
    </ThemeProvider>
  );
}
