import {
  deleteSession,
  keepSession,
  pauseSession,
  renameSession,
  resumeSession,
  type Session,
  stopSession,
} from "@remote-claude/protocol";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../lib/api.ts";
import { messageOf } from "../lib/errors.ts";
import { sessionWatches } from "../lib/session-watch.ts";
import { toast } from "../lib/toast.ts";
import { putSession } from "./use-sessions.ts";

/** What one can do to a session, each with its refusal shown as a toast; true when it was done. */
export interface SessionActions {
  busy: boolean;
  stop(): Promise<boolean>;
  pause(): Promise<boolean>;
  /** It is not to be stopped for being unused. */
  keep(): Promise<boolean>;
  resume(): Promise<boolean>;
  rename(name: string): Promise<boolean>;
  remove(): Promise<boolean>;
}

export function useSessionActions(sessionId: string): SessionActions {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const params = { sessionId };

  async function act(work: () => Promise<{ session: Session } | undefined>): Promise<boolean> {
    setBusy(true);
    try {
      const result = await work();
      if (result !== undefined) {
        putSession(queries, result.session);
        sessionWatches.store(sessionId).setState({ session: result.session });
      }
      return true;
    } catch (error) {
      toast.error(messageOf(error));
      return false;
    } finally {
      setBusy(false);
    }
  }

  return {
    busy,
    stop: () => act(() => call(stopSession, { params })),
    pause: () => act(() => call(pauseSession, { params })),
    keep: () => act(() => call(keepSession, { params })),
    resume: () => act(() => call(resumeSession, { params })),
    rename: (name) => act(() => call(renameSession, { params, body: { name } })),
    remove: () =>
      act(async () => {
        await call(deleteSession, { params });
        queries.setQueryData<Session[]>(["sessions"], (sessions) =>
          sessions?.filter(({ id }) => id !== sessionId),
        );
        return undefined;
      }),
  };
}
