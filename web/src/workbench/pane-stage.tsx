"use client";

import { useState } from "react";
import { createPortal } from "react-dom";
import { cn } from "../lib/utils.ts";
import { Loaded } from "./loaded-part.tsx";
import { PaneGroup } from "./pane-group.tsx";
import { type Containers, ContainersContext } from "./pane-place.tsx";
import { PhonePanes } from "./phone-panes.tsx";
import { paneNames, slots } from "./slots.tsx";
import { type Pane, panes, useWorkbench } from "./store.ts";

function makeContainer(): HTMLDivElement {
  const container = document.createElement("div");
  container.className = "size-full";
  return container;
}

/** The landmark of a pane with the pane in it. Hidden, it stays alive but cannot be reached. */
function PaneLandmark({ pane, sessionId, shown }: { pane: Pane; sessionId: string; shown: boolean }) {
  return (
    <section
      aria-label={paneNames[pane]}
      inert={!shown}
      data-pane={pane}
      onFocusCapture={() => useWorkbench.setState({ activePane: pane })}
      className={cn(
        "relative size-full overflow-hidden",
        // Monaco calls its scrollbars visible: they would shine through a parent that only is not.
        !shown && "invisible opacity-0",
        pane === "explorer" || pane === "claude" ? "bg-sidebar" : "bg-background",
      )}
    >
      <Loaded part={slots[pane]} label={paneNames[pane]} sessionId={sessionId} />
    </section>
  );
}

/**
 * Draws every pane once, into an element of its own that the layouts move about. So an editor with unsaved edits
 * and a terminal outlive a window that is made narrow, or a phone that is turned.
 */
export function PaneStage({ sessionId, phone }: { sessionId: string; phone: boolean }) {
  const [containers] = useState<Containers>(() => ({
    explorer: makeContainer(),
    editor: makeContainer(),
    terminal: makeContainer(),
    claude: makeContainer(),
  }));
  const active = useWorkbench((state) => state.activePane);
  const visible = useWorkbench((state) => state.visible);
  // On a phone a pane is made when it is first looked at.
  const [made, setMade] = useState<ReadonlySet<Pane>>(new Set());
  const wanted = panes.filter((pane) => made.has(pane) || !phone || pane === active);
  if (wanted.length > made.size) setMade(new Set(wanted));
  const isShown = (pane: Pane) => (phone ? pane === active : pane === "editor" || visible[pane]);
  return (
    <ContainersContext value={containers}>
      {phone ? <PhonePanes sessionId={sessionId} /> : <PaneGroup />}
      {wanted.map((pane) =>
        createPortal(
          <PaneLandmark pane={pane} sessionId={sessionId} shown={isShown(pane)} />,
          containers[pane],
          pane,
        ),
      )}
    </ContainersContext>
  );
}
