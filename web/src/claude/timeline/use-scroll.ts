"use client";

import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** So near the end counts as at the end. */
export const slackPx = 48;
/** A scroll so soon after someone touched something is theirs; every other is the content's own moving. */
const ownMs = 700;

/** When the person last did what can scroll. Writing in the text box cannot. */
function useLastTouch() {
  const at = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    const note = (event: Event) => {
      // Moving the pointer without a button pressed drags no scroll bar.
      if (event instanceof PointerEvent && event.type === "pointermove" && event.buttons === 0) return;
      const writes = event.target instanceof Element && event.target.closest("textarea, input") !== null;
      if (event.type !== "keydown" || !writes) at.current = performance.now();
    };
    const types = ["wheel", "touchmove", "pointerdown", "pointermove", "keydown"];
    for (const type of types) window.addEventListener(type, note, { capture: true, passive: true });
    return () => {
      for (const type of types) window.removeEventListener(type, note, { capture: true });
    };
  }, []);
  return at;
}

/** Keeps a list at its end while the reader is there, and leaves it alone when not. */
export function useScroll(
  scroller: RefObject<HTMLDivElement | null>,
  content: RefObject<HTMLDivElement | null>,
) {
  const [atEnd, setAtEnd] = useState(true);
  const sticks = useRef(true);
  const topBefore = useRef(0);
  const touchedAt = useLastTouch();

  const toEnd = useCallback(() => {
    sticks.current = true;
    setAtEnd(true);
    const element = scroller.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }, [scroller]);

  /** Somebody is shown another place: growing at the end must not carry them back. */
  const leaveEnd = useCallback(() => {
    sticks.current = false;
    setAtEnd(false);
  }, []);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    const near = scrollHeight - scrollTop - clientHeight < slackPx;
    // Content that grows or shrinks scrolls without anyone's doing: only a person who goes up lets go of the end.
    const byPerson = performance.now() - touchedAt.current < ownMs;
    if (near) sticks.current = true;
    else if (byPerson && scrollTop < topBefore.current) sticks.current = false;
    else if (sticks.current) element.scrollTop = scrollHeight;
    topBefore.current = element.scrollTop;
    setAtEnd(near || sticks.current);
  }, [scroller, touchedAt]);

  useEffect(() => {
    const element = scroller.current;
    const inner = content.current;
    if (element === null || inner === null) return;
    const observer = new ResizeObserver(() => {
      if (sticks.current) element.scrollTop = element.scrollHeight;
    });
    observer.observe(inner);
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller, content]);

  // Begins at the end.
  useLayoutEffect(toEnd, [toEnd]);

  return { atEnd, sticks, toEnd, leaveEnd, onScroll };
}
