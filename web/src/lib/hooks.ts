"use client";

import { useEffect } from "react";
import { useStore } from "zustand";
import { type Connection, live } from "./live.ts";
import { sessionWatches, type WatchedSession } from "./session-watch.ts";

/** The state of the page's one connection. */
export function useConnection(): Connection {
  return useStore(live.connection);
}

/** Watches a session while the component is mounted: its row, its agent, and when readers must begin again. */
export function useSession(sessionId: string): WatchedSession {
  useEffect(() => sessionWatches.subscribe(sessionId), [sessionId]);
  return useStore(sessionWatches.store(sessionId));
}
