"use client";

import { createContext, useCallback, useContext } from "react";
import type { Pane } from "./store.ts";

/** The one element that each pane is drawn into. */
export type Containers = Readonly<Record<Pane, HTMLDivElement>>;

export const ContainersContext = createContext<Containers | null>(null);

/** Where a layout wants a pane: takes the pane's one element in, from wherever it was. */
export function PanePlace({ pane }: { pane: Pane }) {
  const container = useContext(ContainersContext)?.[pane];
  const takeIn = useCallback(
    (place: HTMLDivElement | null) => {
      if (place !== null && container !== undefined) place.append(container);
    },
    [container],
  );
  return <div ref={takeIn} className="size-full" />;
}
