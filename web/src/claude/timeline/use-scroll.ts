"use client";

import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** So near the end counts as at the end. */
export const slackPx = 48;
/** A scroll so soon after someone touched something is theirs; every other is the content's own moving. */
const ownMs = 700;

/** When somebody last did what can scroll. */
let touchedAt = Number.NEGATIVE_INFINITY;

/** What scrolls from here on is somebody's wish, and no moving of the content. */
export function noteScroll(): void {
  touchedAt = performance.now();
}

const scrollKeys = new Set(["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", " ", "Tab"]);

/** Whether this can scroll. Writing cannot, nor can a button: what its press brings about is the content's moving. */
function canScroll(event: Event, scroller: Element | null): boolean {
  const on = (what: string) => event.target instanceof Element && event.target.closest(what) !== null;
  if (event instanceof KeyboardEvent) {
    return scrollKeys.has(event.key) && !on("textarea, input") && (event.key !== " " || !on("button, a"));
  }
  // The scroll bar, and what begins to scroll by the wheel's button; then a selection that is drawn beyond the edge.
  if (event.type === "pointerdown") return event.target === scroller || (event as PointerEvent).button === 1;
  if (event.type === "pointermove")
    return (event as PointerEvent).buttons !== 0 && !on("button, a, textarea, input");
  return true;
}

function useScrollNotes(scroller: RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    const note = (event: Event) => {
      if (canScroll(event, scroller.current)) noteScroll();
    };
    const types = ["wheel", "touchmove", "pointerdown", "pointermove", "keydown"];
    for (const type of types) window.addEventListener(type, note, { capture: true, passive: true });
    return () => {
      for (const type of types) window.removeEventListener(type, note, { capture: true });
    };
  }, [scroller]);
}

const isNear = ({ scrollTop, scrollHeight, clientHeight }: HTMLElement) =>
  scrollHeight - scrollTop - clientHeight < slackPx;

/** Keeps a list at its end while the reader is there, and leaves it alone when not. */
export function useScroll(
  scroller: RefObject<HTMLDivElement | null>,
  content: RefObject<HTMLDivElement | null>,
) {
  const [atEnd, setAtEnd] = useState(true);
  const sticks = useRef(true);
  const topBefore = useRef(0);
  useScrollNotes(scroller);

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
    const { scrollTop, scrollHeight } = element;
    const near = isNear(element);
    // Content that grows or shrinks scrolls without anyone's doing: only a person who goes up lets go of the end.
    const byPerson = performance.now() - touchedAt < ownMs;
    if (near) sticks.current = true;
    else if (byPerson && scrollTop < topBefore.current) sticks.current = false;
    else if (sticks.current) element.scrollTop = scrollHeight;
    topBefore.current = element.scrollTop;
    setAtEnd(near || sticks.current);
  }, [scroller]);

  useEffect(() => {
    const element = scroller.current;
    const inner = content.current;
    if (element === null || inner === null) return;
    const observer = new ResizeObserver(() => {
      if (sticks.current) element.scrollTop = element.scrollHeight;
      // All of it may be in sight by now, without anything having scrolled.
      else if (isNear(element)) {
        sticks.current = true;
        setAtEnd(true);
      }
    });
    observer.observe(inner);
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller, content]);

  // Begins at the end.
  useLayoutEffect(toEnd, [toEnd]);

  return { atEnd, sticks, toEnd, leaveEnd, onScroll };
}
