"use client";

import type { Session } from "@remote-claude/protocol";
import { PanelBottomIcon, PanelLeftIcon, PanelRightIcon, SearchIcon } from "lucide-react";
import { useRouter } from "next/navigation";
import { BrandMark } from "../components/brand.tsx";
import { Button } from "../components/ui/button.tsx";
import { Tooltip } from "../components/ui/tooltip.tsx";
import { UserMenu } from "../components/user-menu.tsx";
import { SessionMenu } from "../sessions/session-menu.tsx";
import { StateBadge, WaitingBadge } from "../sessions/state-badge.tsx";
import { isMac, keysLabel, openPalette } from "./commands.ts";
import { Presence, ViewingNote } from "./presence.tsx";
import { goToQuestion, type Pane, setPaneVisible, useWorkbench } from "./store.ts";

const toggles = [
  { pane: "explorer", name: "Left panel", label: "Explorer", keys: "Mod+B", Icon: PanelLeftIcon },
  { pane: "terminal", name: "Bottom panel", label: "Terminal", keys: "Mod+J", Icon: PanelBottomIcon },
  { pane: "claude", name: "Right panel", label: "Claude", keys: "Mod+Alt+B", Icon: PanelRightIcon },
] as const satisfies readonly {
  pane: Pane;
  name: string;
  label: string;
  keys: string;
  Icon: typeof PanelLeftIcon;
}[];

function PaneToggles() {
  const visible = useWorkbench((state) => state.visible);
  return (
    <div className="hidden items-center md:flex">
      {toggles.map(({ pane, name, label, keys, Icon }) => (
        <Tooltip
          key={pane}
          label={`${visible[pane] ? "Hide" : "Show"} ${label}`}
          keys={keysLabel(keys, isMac())}
        >
          <Button
            variant="quiet"
            size="icon-sm"
            aria-label={name}
            aria-pressed={visible[pane]}
            className={visible[pane] ? "text-foreground" : ""}
            onClick={() => setPaneVisible(pane, !visible[pane])}
          >
            <Icon className="size-4" />
          </Button>
        </Tooltip>
      ))}
    </div>
  );
}

/** Stop, resume and the rest are in the session's menu: nothing to hit by mistake beside the panes. */
export function TitleBar({ session }: { session: Session }) {
  const router = useRouter();
  const running = session.state === "running";
  return (
    <header className="flex h-10 shrink-0 items-center gap-2 border-b bg-chrome px-2">
      <Tooltip label="Your sessions">
        {/* A page of its own, not a client-side step: the browser asks about unsaved edits, and the editor's memory is freed. */}
        <a href="/" aria-label="Back to your sessions" className="rounded-md p-1 hover:bg-hover">
          <BrandMark className="size-5.5" />
        </a>
      </Tooltip>
      <h1 className="min-w-0 truncate font-semibold text-[13px]">{session.name}</h1>
      <StateBadge state={session.state} />
      {session.waiting && (
        <Tooltip label="Go to the question" keys={keysLabel("Mod+Alt+A", isMac())}>
          <button
            type="button"
            onClick={goToQuestion}
            className="relative flex rounded-full before:absolute before:-inset-2 hover:brightness-95"
          >
            <WaitingBadge session={session} short />
          </button>
        </Tooltip>
      )}
      <ViewingNote session={session} />
      <SessionMenu session={session} onGone={() => router.replace("/")} />
      {running && (
        <button
          type="button"
          onClick={() => openPalette("files")}
          className="mx-auto hidden h-6.5 w-72 max-w-[30vw] items-center justify-center gap-2 rounded-md border bg-background/60 text-muted-foreground text-xs hover:bg-hover lg:flex"
        >
          <SearchIcon className="size-3.5" aria-hidden />
          Go to file
          <kbd className="font-sans text-[11px]" suppressHydrationWarning>
            {keysLabel("Mod+P", isMac())}
          </kbd>
        </button>
      )}
      <div className="ml-auto flex shrink-0 items-center gap-1.5">
        <Presence session={session} onLeft={() => router.replace("/")} />
        {running && (
          <Button
            variant="quiet"
            size="icon-sm"
            className="lg:hidden"
            aria-label="Go to file or command"
            onClick={() => openPalette("files")}
          >
            <SearchIcon className="size-4" />
          </Button>
        )}
        {running && <PaneToggles />}
        <UserMenu />
      </div>
    </header>
  );
}
