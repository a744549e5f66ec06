"use client";

import { type AdminSession, listAllSessions, stopAnySession } from "@remote-claude/protocol";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Choice } from "../../components/choice.tsx";
import { call } from "../../lib/api.ts";
import { messageOf } from "../../lib/errors.ts";
import { toast } from "../../lib/toast.ts";
import { Section } from "../../settings/section.tsx";
import { ListFrame, SearchField } from "../list-parts.tsx";
import { usePages, useSettled } from "../use-pages.ts";
import { LookInsideDialog } from "./look-inside-dialog.tsx";
import { SessionRow } from "./session-row.tsx";

const which = [
  ["live", "Up now"],
  ["all", "All"],
] as const;

/** Everybody's sessions, from outside. */
export function AllSessionsSection() {
  const queries = useQueryClient();
  const [search, setSearch] = useState("");
  const [shownOnes, setShownOnes] = useState("live");
  const [looking, setLooking] = useState<AdminSession | null>(null);
  const settled = useSettled(search.trim());
  const sessions = usePages(["admin-sessions", settled, shownOnes], (after, signal) =>
    call(listAllSessions, {
      signal,
      query: { search: settled, live: shownOnes === "live" ? ("1" as const) : undefined, after },
    }),
  );
  const pages = sessions.data?.pages;
  const shown = pages?.flatMap((page) => page.sessions) ?? null;
  const stop = async (sessionId: string) => {
    try {
      await call(stopAnySession, { params: { sessionId } });
    } catch (error) {
      toast.error(messageOf(error));
    }
    await queries.invalidateQueries({ queryKey: ["admin-sessions"] });
  };
  return (
    <Section
      title="Everybody’s sessions"
      description="Whose they are and what they take. What is in them is their owners’ affair."
    >
      <div className="flex flex-col gap-4">
        <div className="flex flex-wrap gap-2">
          <SearchField label="Search by name or owner" value={search} onChange={setSearch} />
          <Choice label="Which" value={shownOnes} options={which} onChange={setShownOnes} />
        </div>
        <ListFrame
          error={sessions.error}
          count={shown?.length ?? null}
          empty={shownOnes === "live" ? "No session is up." : "There are no such sessions."}
          more={sessions.hasNextPage}
          loadingMore={sessions.isFetchingNextPage}
          onMore={() => void sessions.fetchNextPage()}
        >
          <ul className="divide-y" aria-label="Sessions of everybody">
            {shown?.map((session) => (
              <SessionRow
                key={session.id}
                session={session}
                mayLookInside={pages?.[0]?.mayLookInside ?? false}
                onStop={() => stop(session.id)}
                onLookInside={() => setLooking(session)}
              />
            ))}
          </ul>
        </ListFrame>
      </div>
      <LookInsideDialog session={looking} onClose={() => setLooking(null)} />
    </Section>
  );
}
