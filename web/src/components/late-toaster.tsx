"use client";

import { useEffect, useState } from "react";
import { idle } from "../lib/idle.ts";
import { onToastWanted } from "../lib/toast.ts";
import type { Toaster } from "./ui/sonner.tsx";

/** By then the page has come up. */
const afterMs = 2000;

/** Where `toast.…(…)` of lib/toast.ts appears; what draws it comes late, but not later than the first of them. */
export function LateToaster() {
  const [Loaded, setLoaded] = useState<typeof Toaster | null>(null);
  useEffect(() => {
    const load = () =>
      import("./ui/sonner.tsx").then(
        (module) => setLoaded(() => module.Toaster),
        // The next message tries again.
        () => undefined,
      );
    onToastWanted(load);
    const timer = setTimeout(() => void idle(2000).then(load), afterMs);
    return () => clearTimeout(timer);
  }, []);
  return Loaded !== null && <Loaded />;
}
