"use client";

import { useEffect } from "react";
import { z } from "zod";
import { useCurrentUser } from "../lib/current-user.tsx";
import { readPreference, writePreference } from "../lib/preferences.ts";
import { enterPane, onFocusable, panes, useWorkbench } from "./store.ts";

const PaneName = z.enum(panes);

/** What has the focus because the page put it there, until somebody touches anything. */
let given: Element | null = null;

/** Nobody chose this element: something that is more urgent may take the focus from it. */
export const isFocusGiven = (element: Element | null): boolean => element !== null && element === given;

/** Where a keyboard opens on the screen as soon as a text box has the focus, nobody is given it. */
const opensKeyboard = () => window.matchMedia("(pointer: coarse), (max-width: 767px)").matches;

const isFree = () => document.activeElement === null || document.activeElement === document.body;

/**
 * Puts the focus of whoever opens a session into the pane where they had it last in it, and into Claude's text box in
 * one that is new to them: with the focus nowhere, what one types is lost. Never takes it from where somebody has put
 * it, or from whoever is at the mouse already.
 */
export function useFirstFocus(sessionId: string, ready: boolean): void {
  const { id: userId } = useCurrentUser();
  useEffect(() => {
    if (!ready) return;
    const name = `focus.${sessionId}`;
    const note = ({ target }: FocusEvent) => {
      const pane =
        target instanceof Element ? target.closest("[data-pane]")?.getAttribute("data-pane") : null;
      if (PaneName.safeParse(pane).success) writePreference(userId, name, pane);
    };
    const remembered = readPreference(userId, name, PaneName, "claude");
    const pane = useWorkbench.getState().visible[remembered] ? remembered : "editor";
    const stop = opensKeyboard() ? () => undefined : giveFocus(pane);
    document.addEventListener("focusin", note);
    return () => {
      stop();
      document.removeEventListener("focusin", note);
    };
  }, [userId, sessionId, ready]);
}

/** As soon as the pane can take it. */
function giveFocus(pane: z.infer<typeof PaneName>): () => void {
  const end = new AbortController();
  const options = { capture: true, signal: end.signal };
  const observer = new MutationObserver(() => attempt());
  const stopTrying = () => {
    observer.disconnect();
    ignore();
  };
  const attempt = () => {
    if (isFree()) enterPane(pane);
    if (isFree()) return;
    stopTrying();
    given = document.activeElement?.closest(`[data-pane=${pane}]`) ? document.activeElement : null;
  };
  const ignore = onFocusable(() => attempt());
  const touched = () => {
    stopTrying();
    end.abort();
    given = null;
  };
  window.addEventListener("pointerdown", touched, options);
  // With the focus nowhere yet, whoever types is still waiting for it.
  window.addEventListener("keydown", () => !isFree() && touched(), options);
  observer.observe(document.body, { childList: true, subtree: true });
  attempt();
  return touched;
}
