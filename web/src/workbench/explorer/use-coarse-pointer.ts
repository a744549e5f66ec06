import { useState } from "react";

/** Whether fingers point here: lines are higher then, and a long press opens a menu instead of dragging. */
export function useCoarsePointer(): boolean {
  return useState(() => window.matchMedia("(pointer: coarse)").matches)[0];
}
