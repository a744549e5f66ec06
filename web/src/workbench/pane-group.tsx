"use client";

import { type ReactNode, useCallback, useEffect, useRef } from "react";
import { Group, Panel, type PanelImperativeHandle, Separator } from "react-resizable-panels";
import { z } from "zod";
import { usePreference } from "../lib/preferences.ts";
import { cn } from "../lib/utils.ts";
import { PanePlace } from "./pane-place.tsx";
import { type Pane, setPaneVisible, useWorkbench } from "./store.ts";

const Sizes = z.record(z.string(), z.number().min(0).max(100));

/** A group whose sizes this person's browser remembers. */
function RememberedGroup({
  name,
  orientation,
  children,
}: {
  name: string;
  orientation: "horizontal" | "vertical";
  children: ReactNode;
}) {
  const [sizes, remember] = usePreference(`layout.${name}`, Sizes, {});
  const first = useRef(sizes).current;
  return (
    <Group
      id={name}
      orientation={orientation}
      {...(Object.keys(first).length === 0 ? {} : { defaultLayout: first })}
      onLayoutChanged={(layout) => {
        // A hidden pane has no size worth keeping: it comes back as large as it was.
        if (Object.values(layout).every((size) => size > 0)) remember(layout);
      }}
      className="size-full"
    >
      {children}
    </Group>
  );
}

/** A pane that the store shows or hides, and that tells the store when it was dragged shut or open. */
function CollapsiblePane({
  pane,
  defaultSize,
  minSize,
}: {
  pane: Pane;
  defaultSize: string;
  minSize: number;
}) {
  const panel = useRef<PanelImperativeHandle>(null);
  const shown = useWorkbench((state) => state.visible[pane]);
  // Not a layout effect: the group must know its panels first.
  useEffect(() => {
    if (panel.current === null || panel.current.isCollapsed() === !shown) return;
    if (shown) panel.current.expand();
    else panel.current.collapse();
  }, [shown]);
  const onResize = useCallback(
    ({ inPixels }: { inPixels: number }) => {
      if (inPixels > 0 !== useWorkbench.getState().visible[pane]) setPaneVisible(pane, inPixels > 0);
    },
    [pane],
  );
  return (
    <Panel
      id={pane}
      panelRef={panel}
      collapsible
      collapsedSize={0}
      minSize={minSize}
      defaultSize={defaultSize}
      groupResizeBehavior={
        pane === "explorer" || pane === "claude" ? "preserve-pixel-size" : "preserve-relative-size"
      }
      onResize={onResize}
    >
      <PanePlace pane={pane} />
    </Panel>
  );
}

function Divider({ orientation, label }: { orientation: "horizontal" | "vertical"; label: string }) {
  return (
    <Separator
      aria-label={label}
      className={cn(
        "relative bg-border outline-none transition-colors after:absolute after:z-10 hover:bg-ring focus-visible:bg-ring data-[separator=active]:bg-ring",
        orientation === "vertical"
          ? "w-px after:inset-y-0 after:-left-0.5 after:w-1"
          : "h-px after:inset-x-0 after:-top-0.5 after:h-1",
      )}
    />
  );
}

/** Explorer | Editor over Terminal | Claude, each resizable, all but the editor collapsible. */
export function PaneGroup() {
  return (
    <RememberedGroup name="columns" orientation="horizontal">
      <CollapsiblePane pane="explorer" defaultSize="17%" minSize={150} />
      <Divider orientation="vertical" label="Resize left panel" />
      <Panel id="middle" minSize={240}>
        <RememberedGroup name="rows" orientation="vertical">
          <Panel id="editor" minSize={80} defaultSize="66%">
            <PanePlace pane="editor" />
          </Panel>
          <Divider orientation="horizontal" label="Resize bottom panel" />
          <CollapsiblePane pane="terminal" defaultSize="34%" minSize={90} />
        </RememberedGroup>
      </Panel>
      <Divider orientation="vertical" label="Resize right panel" />
      <CollapsiblePane pane="claude" defaultSize="29%" minSize={280} />
    </RememberedGroup>
  );
}
