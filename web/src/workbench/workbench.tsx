"use client";

import type { PublicConfig, Session } from "@remote-claude/protocol";
import { useRouter } from "next/navigation";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { z } from "zod";
import { useCurrentUser } from "../lib/current-user.tsx";
import { useSession } from "../lib/hooks.ts";
import { readPreference, writePreference } from "../lib/preferences.ts";
import { toast } from "../lib/toast.ts";
import { useWaitingIcon } from "../lib/use-waiting-icon.ts";
import { useSessionActions } from "../sessions/use-session-actions.ts";
import "./early.ts";
import { ConnectionBanner } from "./connection-banner.tsx";
import { askFileEarly } from "./editor/early-file.ts";
import { LatePalette } from "./late-palette.tsx";
import { NextStopBanner } from "./next-stop-banner.tsx";
import { PaneStage } from "./pane-stage.tsx";
import { SessionStateScreen } from "./session-state-screen.tsx";
import { preloadSlots } from "./slots.tsx";
import { StatusBar } from "./status-bar.tsx";
import { panes, resetWorkbench, useWorkbench } from "./store.ts";
import { TitleBar } from "./title-bar.tsx";
import { useFirstFocus } from "./use-first-focus.ts";
import { isPhone, useIsPhone } from "./use-is-phone.ts";
import { useKeybindings } from "./use-keybindings.ts";
import { useRoomAboveKeyboard } from "./use-room-above-keyboard.ts";
import { useWorkbenchCommands } from "./use-workbench-commands.ts";

if (typeof window !== "undefined") preloadSlots();

const Visible = z.record(z.enum(panes), z.boolean());

/** Clears what another session's workbench left and shows the panes this person showed last; true when done. */
function useOwnStore(): boolean {
  const { id } = useCurrentUser();
  const [ready, setReady] = useState(false);
  // Before the first frame, which would be one without panes.
  useLayoutEffect(() => {
    resetWorkbench();
    const { visible } = useWorkbench.getState();
    useWorkbench.setState({
      visible: readPreference(id, "layout.visible", Visible, visible),
      // On a phone one reads, answers and asks on; there is room for one pane only.
      activePane: isPhone() ? "claude" : "editor",
    });
    setReady(true);
    return useWorkbench.subscribe((state, before) => {
      if (state.visible !== before.visible) writePreference(id, "layout.visible", state.visible);
    });
  }, [id]);
  return ready;
}

/** The browser asks before a page with unsaved edits is left. */
function useUnsavedGuard(): void {
  const unsaved = useWorkbench((state) => state.dirtyFiles.length > 0);
  useEffect(() => {
    if (!unsaved) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [unsaved]);
}

/** The tab's title; with a mark while Claude waits for an answer, for whoever is in another tab. */
function useTitle({ name, waiting }: Session): void {
  useEffect(() => {
    document.title = `${waiting ? "● " : ""}${name} · Remote Claude`;
  }, [name, waiting]);
}

/**
 * Whoever opens a paused session wants to go on with it, and it takes no longer than the page. One that is paused
 * while the page is open stays so until somebody asks: nobody may be there.
 */
function useResumeOnOpening(session: Session): void {
  const { resume } = useSessionActions(session.id);
  const wanted = useRef(session.state === "paused" && session.abilities.includes("session.manage"));
  useEffect(() => {
    if (!wanted.current) return;
    wanted.current = false;
    void resume();
  });
}

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

  const { id: userId } = useCurrentUser();
  // Before the panes are drawn, of which the editor takes the answer.
  useLayoutEffect(() => askFileEarly(userId, initialSession.id), [userId, initialSession.id]);
  const ready = useOwnStore();
  useEffect(() => {
    const gone = watched.deleted || watched.error?.code === "not_found";
    if (!gone && !watched.accessEnded) return;
    toast.info(
      watched.accessEnded && !watched.deleted
        ? "You are no longer in that session."
        : "That session is no longer there.",
      { id: `gone-${initialSession.id}` },
    );
    router.replace("/");
  }, [watched.deleted, watched.accessEnded, watched.error, router, initialSession.id]);
  useUnsavedGuard();
  useTitle(session);
  useWaitingIcon(session.waiting ? 1 : 0);
  useKeybindings();
  useFirstFocus(session.id, opened && ready);
  useWorkbenchCommands(session);
  useResumeOnOpening(initialSession);
  const room = useRoomAboveKeyboard();

  return (
    <div className="fixed inset-0 flex flex-col overflow-hidden bg-background" style={room}>
      <TitleBar session={session} />
      <ConnectionBanner agentMissing={running && watched.session !== null && watched.agent === null} />
      <NextStopBanner session={session} />
      <main className="relative min-h-0 flex-1">
        {opened && ready && phone !== null && (
          <div className="absolute inset-0" inert={!running}>
            <PaneStage sessionId={session.id} phone={phone} />
          </div>
        )}
        {!running && <SessionStateScreen session={session} />}
      </main>
      <StatusBar session={session} settings={settings} />
      <LatePalette sessionId={session.id} />
    </div>
  );
}
