"use client";

import { type ComponentType, useLayoutEffect, useState } from "react";
import { PaneSkeleton } from "./pane-skeleton.tsx";

/** A part of the workbench that is a bundle of its own. */
export interface Part {
  /** Fetches it; any number of times. */
  load(): Promise<void>;
  /** null until it is there. */
  component: ComponentType<{ sessionId: string }> | null;
}

export function part(load: () => Promise<NonNullable<Part["component"]>>): Part {
  const made: Part = {
    component: null,
    load: async () => {
      made.component ??= await load();
    },
  };
  return made;
}

/**
 * Draws a part once it is there. Not `React.lazy`: after each fallback it has shown React waits 0.3 s before it
 * shows what has come, so as not to flicker.
 */
export function Loaded({ part, label, sessionId }: { part: Part; label: string; sessionId: string }) {
  const [Component, setComponent] = useState(() => part.component);
  // One that is there by now is in the same frame.
  useLayoutEffect(() => {
    let current = true;
    part.load().then(
      () => current && setComponent(() => part.component),
      (error: unknown) => {
        // For the page's error boundary.
        const fail = () => {
          throw error;
        };
        if (current) setComponent(fail);
      },
    );
    return () => {
      current = false;
    };
  }, [part]);
  return Component === null ? <PaneSkeleton label={label} /> : <Component sessionId={sessionId} />;
}
