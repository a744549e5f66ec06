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
    // Not a class: those are listened to, for the theme (workbench/terminal/theme.ts).
    const mark = (is: boolean) => document.documentElement.toggleAttribute("data-theme-changing", is);
    mark(true);
    const timer = setTimeout(() => mark(false), 50);
    return () => {
      clearTimeout(timer);
      mark(false);
    };
  }, [resolvedTheme]);
  return null;
}
