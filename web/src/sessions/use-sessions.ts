import { listSessions, type Session } from "@remote-claude/protocol";
import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { call } from "../lib/api.ts";
import { live } from "../lib/live.ts";

const key = ["sessions"];

/** Puts a session's newest row into the list that pages show. */
export function putSession(queries: QueryClient, session: Session): void {
  queries.setQueryData<Session[]>(key, (sessions = []) =>
    sessions.some(({ id }) => id === session.id)
      ? sessions.map((other) => (other.id === session.id ? session : other))
      : [session, ...sessions],
  );
}

function dropSession(queries: QueryClient, sessionId: string): void {
  queries.setQueryData<Session[]>(key, (sessions = []) => sessions.filter(({ id }) => id !== sessionId));
}

/** The person's sessions, newest activity first, kept up to date by the live connection. */
export function useSessions(initialSessions: Session[]): { sessions: Session[]; error: Error | null } {
  const queries = useQueryClient();
  const { data, error } = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => (await call(listSessions, { signal })).sessions,
    initialData: initialSessions,
  });
  useEffect(() => {
    let connections = 0;
    const ends = [
      live.on("session.changed", null, ({ session }) => putSession(queries, session)),
      live.on("session.deleted", null, ({ sessionId }) => dropSession(queries, sessionId)),
      live.on("session.access-ended", null, ({ sessionId }) => dropSession(queries, sessionId)),
      // What changed while there was no connection was told to nobody.
      live.onConnected(() => {
        connections += 1;
        if (connections > 1) void queries.invalidateQueries({ queryKey: key });
      }),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [queries]);
  const sessions = [...data].sort((a, b) => b.lastActiveAt.localeCompare(a.lastActiveAt));
  return { sessions, error };
}
