"use client";

import type { PublicConfig, Session } from "@remote-claude/protocol";
import { FolderGit2Icon, PlusIcon, SearchIcon, SparklesIcon, UploadIcon } from "lucide-react";
import { type MouseEvent, useEffect, useState } from "react";
import { AppHeader } from "../components/app-header.tsx";
import { Notice } from "../components/notice.tsx";
import { Button } from "../components/ui/button.tsx";
import { Input } from "../components/ui/input.tsx";
import { useCurrentUser } from "../lib/current-user.tsx";
import { messageOf } from "../lib/errors.ts";
import { useWaitingIcon } from "../lib/use-waiting-icon.ts";
import { BudgetNotice } from "../usage/budget-notice.tsx";
import { FindInConversations } from "./find-in-conversations.tsx";
import { NewSessionDialog } from "./new-session-dialog.tsx";
import type { NewSessionSource } from "./new-session-source.ts";
import { SessionCard } from "./session-card.tsx";
import { SettingsNotices } from "./settings-notices.tsx";
import { useSessions } from "./use-sessions.ts";

/** From this many sessions on there is a field to search them. */
const searchFrom = 7;

const matches = (session: Session, words: string[]) => {
  const text = [session.name, session.repositoryUrl, session.branch, session.state, session.template]
    .join(" ")
    .toLowerCase();
  return words.every((word) => text.includes(word));
};

/** By this form the buttons work before the page has come alive: the dialog is then open in the page it leads to. */
const formId = "new-session";

/** What makes a button open the dialog, alive or not. */
const opens = (source: NewSessionSource, onNew: (source: NewSessionSource) => void) => ({
  type: "submit" as const,
  form: formId,
  name: "new",
  value: source,
  onClick: (event: MouseEvent) => {
    event.preventDefault();
    onNew(source);
  },
});

function EmptyState({ onNew }: { onNew(source: NewSessionSource): void }) {
  const ways = [
    { source: "empty", Icon: SparklesIcon, title: "Start empty", text: "A clean Linux workspace" },
    { source: "git", Icon: FolderGit2Icon, title: "Clone from git", text: "Paste a repository's address" },
    {
      source: "archive",
      Icon: UploadIcon,
      title: "Upload an archive",
      text: "A .zip or .tar.gz of your project",
    },
  ] as const;
  return (
    <div className="mx-auto mt-10 flex max-w-2xl flex-col items-center gap-6 text-center">
      <div>
        <h2 className="font-semibold text-lg tracking-tight">Open your first session</h2>
        <p className="mx-auto mt-1 max-w-md text-muted-foreground">
          A session is a workspace of its own with an editor, terminals and Claude Code. It goes on working
          when you close the page, and waits for you where you left it.
        </p>
      </div>
      <div className="grid w-full gap-3 sm:grid-cols-3">
        {ways.map(({ source, Icon, title, text }) => (
          <button
            key={source}
            {...opens(source, onNew)}
            className="flex flex-col items-center gap-1.5 rounded-lg border bg-surface px-4 py-6 transition-colors hover:border-ring hover:bg-clay-soft/40"
          >
            <Icon className="size-5 text-clay" aria-hidden />
            <span className="font-medium">{title}</span>
            <span className="text-muted-foreground text-xs">{text}</span>
          </button>
        ))}
      </div>
    </div>
  );
}

/** The present, every half minute: what "3 minutes ago" counts from. */
function useNow(initial: number): number {
  const [now, setNow] = useState(initial);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

interface SessionsPageProps {
  initialSessions: Session[];
  /** Opens the dialog for a new session at once. */
  initialSource: NewSessionSource | null;
  settings: PublicConfig;
  /** The server's clock, so that server and browser draw the same. */
  now: number;
}

export function SessionsPage({
  initialSessions,
  initialSource,
  settings,
  now: initialNow,
}: SessionsPageProps) {
  const user = useCurrentUser();
  const { sessions, error } = useSessions(initialSessions);
  const [search, setSearch] = useState("");
  const [creating, setCreating] = useState(initialSource);
  const now = useNow(initialNow);
  const close = () => {
    setCreating(null);
    // A reload must not open it again.
    if (initialSource !== null) window.history.replaceState(null, "", "/");
  };
  const mayCreate = user.abilities.includes("sessions.create");
  useWaitingIcon(sessions.filter(({ waiting }) => waiting).length);
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = sessions.filter((session) => matches(session, words));
  return (
    <>
      <AppHeader />
      <main className="mx-auto flex max-w-6xl flex-col gap-4 px-4 py-6">
        <SettingsNotices settings={settings} />
        <BudgetNotice />
        {error !== null && <Notice tone="destructive" title={messageOf(error)} />}
        <section aria-label="Sessions" className="flex flex-col gap-4">
          <div className="flex flex-wrap items-center gap-3">
            <h1 className="font-semibold text-lg tracking-tight">Sessions</h1>
            <div className="flex grow items-center justify-end gap-2">
              {sessions.length >= searchFrom && (
                <div className="relative grow sm:grow-0">
                  <SearchIcon className="absolute top-2 left-2.5 size-4 text-muted-foreground" aria-hidden />
                  <Input
                    type="search"
                    aria-label="Search"
                    placeholder="Search"
                    className="w-full pl-8 sm:w-56"
                    value={search}
                    onChange={(event) => setSearch(event.target.value)}
                  />
                </div>
              )}
              {sessions.length > 0 && <FindInConversations />}
              {mayCreate && (
                <Button variant="primary" {...opens("empty", setCreating)}>
                  <PlusIcon /> New session
                </Button>
              )}
            </div>
          </div>
          {sessions.length === 0 && mayCreate && <EmptyState onNew={setCreating} />}
          {sessions.length === 0 && !mayCreate && (
            <p className="text-muted-foreground">
              There are no sessions that you may open.
              {user.abilities.includes("audit.view") && (
                <>
                  {" "}
                  <a href="/audit" className="text-clay underline underline-offset-4">
                    Open the audit record
                  </a>
                </>
              )}
            </p>
          )}
          {sessions.length > 0 && shown.length === 0 && (
            <p className="py-8 text-center text-muted-foreground">No session matches “{search}”.</p>
          )}
          <ul className="grid grid-cols-1 gap-3 sm:grid-cols-2 lg:grid-cols-3">
            {shown.map((session) => (
              <li key={session.id} className="contents">
                <SessionCard session={session} now={now} />
              </li>
            ))}
          </ul>
        </section>
      </main>
      {mayCreate && (
        <>
          <form id={formId} action="/" />
          <NewSessionDialog settings={settings} source={creating} onClose={close} />
        </>
      )}
    </>
  );
}
