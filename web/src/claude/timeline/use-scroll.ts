"use client";

import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** So near the end counts as at the end. */
export const slackPx = 48;
/** A scroll so soon after someone touched something is theirs, or the doing of what they pressed. */
const ownMs = 700;

/** When somebody last did what can scroll. */
let touchedAt = Number.NEGATIVE_INFINITY;
/** When somebody last did what cannot, and may move the content. */
let pressedAt = Number.NEGATIVE_INFINITY;

const isRecent = (at: number) => performance.now() - at < ownMs;

/** Where the page itself has scrolled an element to last. */
const placedAt = new WeakMap<Element, number>();

/** What `scroll` does is no person's wish. */
export function scrollByPage(element: Element, scroll: () => void): void {
  scroll();
  // As it came out: there is no scrolling beyond the end.
  placedAt.set(element, element.scrollTop);
}

const toEndOf = (element: Element) =>
  scrollByPage(element, () => {
    element.scrollTop = element.scrollHeight;
  });

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

/** A press; the browser's own keys (to find the next, say) move nothing. */
function mayMoveContent(event: Event): boolean {
  if (event instanceof KeyboardEvent) return !event.ctrlKey && !event.metaKey && !/^F\d/.test(event.key);
  return event.type === "pointerdown";
}

function useScrollNotes(scroller: RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    const note = (event: Event) => {
      if (canScroll(event, scroller.current)) noteScroll();
      else if (mayMoveContent(event)) pressedAt = performance.now();
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

type Place = Pick<HTMLElement, "scrollTop" | "scrollHeight" | "clientHeight">;

const placeOf = ({ scrollTop, scrollHeight, clientHeight }: HTMLElement): Place => ({
  ...{ scrollTop, scrollHeight, clientHeight },
});

/**
 * Whether somebody lets go of the end: a person goes up, or their browser does for them (it finds a word, reads aloud),
 * of which no event tells. Content that grows or shrinks, and rows that are measured, scroll without anyone's doing.
 */
function isWish(element: HTMLElement, before: Place): boolean {
  if (element.scrollTop >= before.scrollTop) return false;
  if (isRecent(touchedAt)) return true;
  const rests = element.scrollHeight === before.scrollHeight && element.clientHeight === before.clientHeight;
  const byPage = Math.abs(element.scrollTop - (placedAt.get(element) ?? Number.NaN)) < 1;
  return rests && !byPage && !isRecent(pressedAt);
}

/** Keeps a list at its end while the reader is there, and leaves it alone when not. */
export function useScroll(
  scroller: RefObject<HTMLDivElement | null>,
  content: RefObject<HTMLDivElement | null>,
) {
  const [atEnd, setAtEnd] = useState(true);
  const sticks = useRef(true);
  const before = useRef({ scrollTop: 0, scrollHeight: 0, clientHeight: 0 });
  useScrollNotes(scroller);

  const toEnd = useCallback(() => {
    sticks.current = true;
    setAtEnd(true);
    const element = scroller.current;
    if (element !== null) toEndOf(element);
  }, [scroller]);

  /** Somebody is shown another place: growing at the end must not carry them back. */
  const leaveEnd = useCallback(() => {
    sticks.current = false;
    setAtEnd(false);
  }, []);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    const near = isNear(element);
    if (near) sticks.current = true;
    else if (isWish(element, before.current)) sticks.current = false;
    else if (sticks.current) toEndOf(element);
    before.current = placeOf(element);
    setAtEnd(near || sticks.current);
  }, [scroller]);

  useEffect(() => {
    const element = scroller.current;
    const inner = content.current;
    if (element === null || inner === null) return;
    const observer = new ResizeObserver(() => {
      if (sticks.current) toEndOf(element);
      // All of it may be in sight by now, without anything having scrolled.
      else if (isNear(element)) {
        sticks.current = true;
        setAtEnd(true);
      }
      before.current = placeOf(element);
    });
    observer.observe(inner);
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller, content]);

  // Begins at the end.
  useLayoutEffect(toEnd, [toEnd]);

  return { atEnd, sticks, toEnd, leaveEnd, onScroll };
}
