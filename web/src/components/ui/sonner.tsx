"use client";

import { useTheme } from "next-themes";
import { useEffect } from "react";
import { Toaster as Sonner, toast } from "sonner";
import { toasterIsThere } from "../../lib/toast.ts";

/**
 * Where messages appear: one line of text lies within the title bar. At the bottom it would cover
 * Claude's text box, the terminal's prompt or, on a phone, the tabs.
 */
export function Toaster() {
  const { resolvedTheme } = useTheme();
  // Behind the effect of what it draws, which listens from then on.
  useEffect(() => toasterIsThere(toast), []);
  return (
    <Sonner
      theme={resolvedTheme === "dark" ? "dark" : "light"}
      position="top-center"
      offset={3}
      mobileOffset={{ top: 3, left: 12, right: 12 }}
      toastOptions={{
        style: {
          background: "var(--surface)",
          color: "var(--foreground)",
          border: "1px solid var(--border)",
          fontFamily: "var(--font-sans)",
          fontSize: "13px",
          padding: "8px 12px",
        },
      }}
    />
  );
}
