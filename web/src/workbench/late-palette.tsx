"use client";

import { useEffect, useState } from "react";
import { useCommands } from "./commands.ts";
import type { Palette } from "./palette.tsx";
import { afterEditorAndTerminal } from "./slots.tsx";

/** The palette, which is fetched when the first panes are there, or as soon as somebody opens it. */
export function LatePalette({ sessionId }: { sessionId: string }) {
  const wanted = useCommands((state) => state.palette !== null || state.shortcuts);
  const [Loaded, setLoaded] = useState<typeof Palette | null>(null);
  useEffect(() => {
    let current = true;
    const load = async () => {
      if (!wanted) await afterEditorAndTerminal();
      const module = await import("./palette.tsx");
      if (current) setLoaded(() => module.Palette);
    };
    // The next opening tries again.
    load().catch(() => undefined);
    return () => {
      current = false;
    };
  }, [wanted]);
  return Loaded !== null && <Loaded sessionId={sessionId} />;
}
