"use client";

import { useEffect } from "react";

/** The page's icon with a mark upon it; the ring around the mark is that of the browser's tabs, light or dark. */
function iconOf(count: number): string {
  const text =
    count > 1
      ? `<text x="23" y="27" font-family="sans-serif" font-size="12" font-weight="bold" text-anchor="middle" fill="#fff">${count > 9 ? "9+" : count}</text>`
      : "";
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><style>.ring{stroke:#fff}@media(prefers-color-scheme:dark){.ring{stroke:#202124}}</style><rect width="32" height="32" rx="8" fill="#c6613f"/><path d="M9 11l5 5-5 5" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/><circle class="ring" cx="23" cy="23" r="${count > 1 ? 8.5 : 7}" fill="#2563eb" stroke-width="2"/>${text}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

/** Marks the page's icon while something waits for the person's answer: it is seen in the browser's tabs. */
export function useWaitingIcon(count: number): void {
  useEffect(() => {
    if (count === 0) return;
    const link = document.querySelector<HTMLLinkElement>('link[rel~="icon"]');
    if (link === null) return;
    const before = link.href;
    link.href = iconOf(count);
    return () => {
      link.href = before;
    };
  }, [count]);
}
