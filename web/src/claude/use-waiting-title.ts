"use client";

import { useEffect } from "react";

const mark = "● ";

/** Marks the page's title while Claude waits for an answer: it is seen in the browser's tabs. */
export function useWaitingTitle(waiting: boolean): void {
  useEffect(() => {
    if (!waiting) return;
    const put = () => {
      if (!document.title.startsWith(mark)) document.title = mark + document.title;
    };
    put();
    // The page may set its title again meanwhile, when the session is renamed.
    const title = document.querySelector("title");
    const observer = new MutationObserver(put);
    if (title !== null) observer.observe(title, { childList: true, characterData: true, subtree: true });
    return () => {
      observer.disconnect();
      if (document.title.startsWith(mark)) document.title = document.title.slice(mark.length);
    };
  }, [waiting]);
}
