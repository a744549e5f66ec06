"use client";

import { useTheme } from "next-themes";
import { useLayoutEffect, useRef } from "react";

/**
 * Another theme is there at once, without each button fading into it. Not by `disableTransitionOnChange` of next-themes,
 * which does the same while a page comes up, and has every element of it styled twice more.
 */
export function StillThemeChange() {
  const { resolvedTheme } = useTheme();
  const before = useRef(resolvedTheme);
  useLayoutEffect(() => {
    if (before.current === resolvedTheme) return;
    before.current = resolvedTheme;
    const { classList } = document.documentElement;
    classList.add("theme-changing");
    const timer = setTimeout(() => classList.remove("theme-changing"), 50);
    return () => clearTimeout(timer);
  }, [resolvedTheme]);
  return null;
}
