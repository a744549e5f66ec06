"use client";

import "./claude.css";
import { type Conversation, Id, type SessionAbility } from "@remote-claude/protocol";
import { useCallback, useEffect, useMemo, useState } from "react";
import { toast } from "sonner";
import { Notice } from "../components/notice.tsx";
import { useConnection, useSession } from "../lib/hooks.ts";
import { newId } from "../lib/new-id.ts";
import { usePreference } from "../lib/preferences.ts";
import { TasksPanel } from "../tasks/tasks-panel.tsx";
import { isRunning, useTaskActions, useTasks } from "../tasks/use-tasks.ts";
import { useCommand } from "../workbench/commands.ts";
import { PaneSkeleton } from "../workbench/pane-skeleton.tsx";
import { focusPane, useWorkbench } from "../workbench/store.ts";
import { ConversationView } from "./conversation-view.tsx";
import { PaneHeader } from "./header/pane-header.tsx";
import { useConversations } from "./live/use-conversations.ts";

/**
 * Which conversation is shown: the one chosen here last, else the newest, else a new one. Once shown it stays, however
 * active others become.
 */
function useChosenConversation(sessionId: string, list: readonly Conversation[] | null, canUse: boolean) {
  const [remembered, remember] = usePreference(`claude.conversation.${sessionId}`, Id.nullable(), null);
  const [shown, setShown] = useState<string | null>(null);
  const has = (id: string | null) => list?.some(({ conversationId }) => conversationId === id) ?? false;
  let chosen = shown;
  if (chosen === null && list !== null) {
    chosen = has(remembered) ? remembered : (list[0]?.conversationId ?? newId());
    setShown(chosen);
  }
  // Whoever only looks begins none: the first that somebody else begins is theirs to see.
  const begun = list?.[0]?.conversationId ?? null;
  if (!canUse && chosen !== null && begun !== null && !has(chosen)) {
    chosen = begun;
    setShown(begun);
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
        onChoose={(conversationId) => {
          setTasksShown(false);
          choose(conversationId);
        }}
        onNew={startNewAndWrite}
        onTasks={() => setTasksShown(!tasksShown)}
      />
      {tasksShown ? (
        <TasksPanel
          sessionId={sessionId}
          canUse={canUse}
          onClose={() => setTasksShown(false)}
          onOpenConversation={(conversationId) => {
            setTasksShown(false);
            choose(conversationId);
          }}
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
