"use client";

import "./claude.css";
import { type Conversation, Id, type SessionAbility } from "@remote-claude/protocol";
import { useCallback, useEffect, useMemo, useState } from "react";
import { Notice } from "../components/notice.tsx";
import { useConnection, useSession } from "../lib/hooks.ts";
import { newId } from "../lib/new-id.ts";
import { usePreference } from "../lib/preferences.ts";
import { toast } from "../lib/toast.ts";
import { TasksPanel } from "../tasks/tasks-panel.tsx";
import { isRunning, useTaskActions, useTasks } from "../tasks/use-tasks.ts";
import { useCommand } from "../workbench/commands.ts";
import { PaneSkeleton } from "../workbench/pane-skeleton.tsx";
import { focusPane, useWorkbench } from "../workbench/store.ts";
import { ConversationView } from "./conversation-view.tsx";
import { FindDialog } from "./finding/find-dialog.tsx";
import { followHit, useOpenRequests } from "./finding/use-open-requests.ts";
import { PaneHeader } from "./header/pane-header.tsx";
import { useConversations } from "./live/use-conversations.ts";
import { useQuestionRequests } from "./permission/use-question-requests.ts";

/**
 * Which conversation is shown: the one chosen here last, else the newest, else a new one. Once shown it stays, however
 * active others become.
 */
function useChosenConversation(sessionId: string, list: readonly Conversation[] | null, canUse: boolean) {
  const [remembered, remember] = usePreference(`claude.conversation.${sessionId}`, Id.nullable(), null);
  const [shown, setShown] = useState<string | null>(null);
  const has = (id: string | null) => list?.some(({ conversationId }) => conversationId === id) ?? false;
  const newest = list?.find(({ archivedAt }) => archivedAt === null)?.conversationId ?? null;
  let chosen = shown;
  if (chosen === null && list !== null) {
    chosen = has(remembered) ? remembered : (newest ?? newId());
    setShown(chosen);
  }
  // Whoever only looks begins none: the first that somebody else begins is theirs to see.
  if (!canUse && chosen !== null && newest !== null && !has(chosen)) {
    chosen = newest;
    setShown(newest);
  }
  const choose = useCallback(
    (conversationId: string) => {
      setShown(conversationId);
      remember(conversationId);
    },
    [remember],
  );
  return { chosen, exists: has(chosen), choose };
}

/** Why nothing can be sent, in words; null when it can. */
function useBlocked(sessionId: string): string | null {
  const { session, agent } = useSession(sessionId);
  const { status } = useConnection();
  if (status !== "connected") return "Reconnecting… You can go on writing.";
  if (session === null) return "Loading the session…";
  if (session.state !== "running") return "The session is not running.";
  return agent === null ? "Reaching the session… You can go on writing." : null;
}

/** The Claude pane: conversations and background tasks of one session. */
export function ClaudePane({ sessionId }: { sessionId: string }) {
  const { session, agent, epoch } = useSession(sessionId);
  const { list, error } = useConversations(sessionId, epoch);
  const blocked = useBlocked(sessionId);
  const [tasksShown, setTasksShown] = useState(false);
  const tasks = useTasks(sessionId);
  const { create } = useTaskActions(sessionId);
  const may = (ability: SessionAbility) => session?.abilities.includes(ability) ?? false;
  const canUse = may("session.use");
  const { chosen, exists, choose } = useChosenConversation(sessionId, list, canUse);
  const conversation = useMemo(
    () => list?.find(({ conversationId }) => conversationId === chosen) ?? null,
    [list, chosen],
  );

  const show = useCallback(
    (conversationId: string) => {
      setTasksShown(false);
      choose(conversationId);
    },
    [choose],
  );
  const [finding, setFinding] = useState(false);
  useOpenRequests(show);
  useQuestionRequests(list, chosen, show);
  useCommand({
    id: "claude.find",
    title: "Claude: Find in conversations…",
    keys: "Mod+Alt+F",
    run: () => setFinding(true),
  });
  const startNewAndWrite = () => {
    setTasksShown(false);
    choose(newId());
    focusPane("claude");
  };
  useCommand({ id: "claude.new-conversation", title: "Claude: New conversation", run: startNewAndWrite });
  useCommand({
    id: "claude.tasks",
    title: "Claude: Show or hide background tasks",
    run: () => setTasksShown((shown) => !shown),
  });
  useEffect(() => useWorkbench.setState({ conversation: chosen }), [chosen]);
  const permissionMode = conversation?.permissionMode;
  const { mutateAsync } = create;
  const runAsTask = useCallback(
    async (prompt: string): Promise<boolean> => {
      const body = { prompt, ...(permissionMode === undefined ? {} : { permissionMode }) };
      const done = await mutateAsync(body).then(
        () => true,
        () => false,
      );
      if (done) {
        toast.success("The task runs in the background.");
        setTasksShown(true);
      }
      return done;
    },
    [mutateAsync, permissionMode],
  );

  if (error !== null && list === null) {
    return (
      <Notice tone="destructive" title="The conversations could not be loaded" className="m-3">
        {error}
      </Notice>
    );
  }
  if (list === null || session === null || chosen === null) return <PaneSkeleton label="Claude" />;
  return (
    <div className="flex size-full flex-col">
      <PaneHeader
        sessionId={sessionId}
        conversationId={chosen}
        list={list}
        conversation={conversation}
        canUse={canUse}
        ready={blocked === null}
        tasksRunning={tasks.data?.filter(isRunning).length ?? 0}
        tasksShown={tasksShown}
        onChoose={show}
        onNew={startNewAndWrite}
        onTasks={() => setTasksShown(!tasksShown)}
        onFind={() => setFinding(true)}
      />
      <FindDialog
        open={finding}
        onOpenChange={setFinding}
        sessionId={sessionId}
        onChoose={(hit) => {
          setFinding(false);
          followHit(hit, sessionId);
        }}
      />
      {tasksShown ? (
        <TasksPanel
          sessionId={sessionId}
          canUse={canUse}
          onClose={() => setTasksShown(false)}
          onOpenConversation={show}
        />
      ) : (
        <ConversationView
          key={chosen}
          sessionId={sessionId}
          conversationId={chosen}
          exists={exists}
          epoch={epoch}
          agent={agent}
          canUse={canUse}
          canAnswer={may("session.answer")}
          blocked={blocked}
          onRunAsTask={runAsTask}
        />
      )}
    </div>
  );
}
