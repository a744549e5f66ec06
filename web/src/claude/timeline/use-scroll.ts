"use client";

import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** So near the end counts as at the end. */
const slackPx = 48;

/**
 * Keeps a list at its end while the reader is there, and leaves it alone when not. `first` identifies the first
 * item: when another one comes before it, what is being read stays where it is.
 */
export function useScroll(
  scroller: RefObject<HTMLDivElement | null>,
  content: RefObject<HTMLDivElement | null>,
  first: string,
) {
  const [atEnd, setAtEnd] = useState(true);
  const sticks = useRef(true);
  const before = useRef({ first, height: 0, top: 0 });

  const toEnd = useCallback(() => {
    sticks.current = true;
    setAtEnd(true);
    const element = scroller.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }, [scroller]);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    const near = scrollHeight - scrollTop - clientHeight < slackPx;
    // Content that grows moves the end away without anyone scrolling: only going up lets go of it.
    if (near) sticks.current = true;
    else if (scrollTop < before.current.top) sticks.current = false;
    before.current.top = scrollTop;
    before.current.height = scrollHeight;
    setAtEnd(near || sticks.current);
  }, [scroller]);

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

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const { first: firstBefore, height, top } = before.current;
    before.current.first = first;
    // Browsers with scroll anchoring have done it already, if the reader was not at the very top.
    if (firstBefore !== first && !sticks.current && element.scrollTop === top) {
      element.scrollTop = top + element.scrollHeight - height;
    }
    before.current.height = element.scrollHeight;
  }, [first, scroller]);

  return { atEnd, sticks, toEnd, onScroll };
}
