"use client";

import type { PublicConfig, Session } from "@remote-claude/protocol";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { useSession } from "../lib/hooks.ts";
import { ConnectionBanner } from "./connection-banner.tsx";
import { Palette } from "./palette.tsx";
import { PaneGroup } from "./pane-group.tsx";
import { PhonePanes } from "./phone-panes.tsx";
import { SessionStateScreen } from "./session-state-screen.tsx";
import { preloadSlots } from "./slots.tsx";
import { StatusBar } from "./status-bar.tsx";
import { resetWorkbench } from "./store.ts";
import { TitleBar } from "./title-bar.tsx";
import { useIsPhone } from "./use-is-phone.ts";
import { useKeybindings } from "./use-keybindings.ts";
import { useWorkbenchCommands } from "./use-workbench-commands.ts";

if (typeof window !== "undefined") preloadSlots();

interface WorkbenchProps {
  /** As the server saw it when it made the page; the live row replaces it. */
  initialSession: Session;
  settings: PublicConfig;
}

/** The whole of a session: title bar, panes or the state it is in, status bar, palette. */
export function Workbench({ initialSession, settings }: WorkbenchProps) {
  const router = useRouter();
  const watched = useSession(initialSession.id);
  const session = watched.session ?? initialSession;
  const phone = useIsPhone();
  // Once drawn, the panes stay: an editor with unsaved edits must outlive a session that stops.
  const [opened, setOpened] = useState(false);
  const running = session.state === "running" && !watched.deleted;
  if (running && !opened) setOpened(true);

  useEffect(() => resetWorkbench(), []);
  useEffect(() => {
    if (watched.deleted || watched.error?.code === "not_found") router.replace("/");
  }, [watched.deleted, watched.error, router]);
  useKeybindings();
  useWorkbenchCommands(session);

  const Panes = phone ? PhonePanes : PaneGroup;
  return (
    <div className="fixed inset-0 flex flex-col overflow-hidden bg-background">
      <TitleBar session={session} />
      <ConnectionBanner agentMissing={running && watched.session !== null && watched.agent === null} />
      <main className="relative min-h-0 flex-1">
        {opened && phone !== null && (
          <div className="absolute inset-0" inert={!running}>
            <Panes sessionId={session.id} />
          </div>
        )}
        {!running && <SessionStateScreen session={session} />}
      </main>
      <StatusBar session={session} settings={settings} />
      <Palette sessionId={session.id} />
    </div>
  );
}
