"use client";

import { useLate } from "../lib/use-late.ts";
import { useCommands } from "./commands.ts";
import { afterEditorAndTerminal } from "./slots.tsx";

const loadPalette = () => import("./palette.tsx").then(({ Palette }) => Palette);

/** The palette, which is fetched when the first panes are there, or as soon as somebody opens it. */
export function LatePalette({ sessionId }: { sessionId: string }) {
  const wanted = useCommands((state) => state.palette !== null || state.shortcuts);
  const Palette = useLate(wanted, loadPalette, { after: afterEditorAndTerminal });
  return Palette !== null && <Palette sessionId={sessionId} />;
}
