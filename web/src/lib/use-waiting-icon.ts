"use client";

import { useEffect } from "react";
import { pageIcon } from "./page-icon.ts";

/** Marks the page's icon while something waits for the person's answer: it is seen in the browser's tabs. */
export function useWaitingIcon(count: number): void {
  useEffect(() => {
    if (count === 0) return;
    const link = document.querySelector<HTMLLinkElement>('link[rel~="icon"]');
    if (link === null) return;
    const before = link.href;
    link.href = pageIcon(count);
    return () => {
      link.href = before;
    };
  }, [count]);
}
