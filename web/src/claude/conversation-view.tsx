"use client";

import type { AgentInfo } from "@remote-claude/protocol";
import { type ReactNode, useMemo, useState } from "react";
import { Notice } from "../components/notice.tsx";
import { Button } from "../components/ui/button.tsx";
import { PaneSkeleton } from "../workbench/pane-skeleton.tsx";
import { Composer } from "./composer/composer.tsx";
import { QueueList } from "./composer/queue-list.tsx";
import { GoBackDialog } from "./going-back/go-back-dialog.tsx";
import type { Reading } from "./live/conversation-reader.ts";
import { useConversation } from "./live/use-conversation.ts";
import type { Attachments } from "./model/items.ts";
import { type PaneContextValue, PaneProvider } from "./pane-context.tsx";
import { endsKeyMissing, KeyMissingNotice } from "./pane-notices.tsx";
import { onAnswerKey } from "./permission/answer-keys.ts";
import { PendingBar } from "./permission/pending-bar.tsx";
import { RulesDialog } from "./permission/rules-dialog.tsx";
import { useQuestionFocus } from "./permission/use-question-focus.ts";
import { showQuestion, useQuestionToShow } from "./permission/use-question-requests.ts";
import { EmptyState } from "./timeline/empty-state.tsx";
import { Timeline } from "./timeline/timeline.tsx";
import { TodoBar } from "./timeline/todo-bar.tsx";
import { WorkingLine } from "./timeline/working-line.tsx";

interface ConversationViewProps {
  readonly sessionId: string;
  readonly conversationId: string;
  /** It exists on the server. */
  readonly exists: boolean;
  readonly epoch: number;
  readonly agent: AgentInfo | null;
  readonly canUse: boolean;
  readonly canAnswer: boolean;
  /** Why nothing can be sent right now, or null. */
  readonly blocked: string | null;
  /** Must stay the same from one drawing to the next, like everything else that the text box is given. */
  readonly onRunAsTask: (prompt: string) => Promise<boolean>;
}

const allModes = ["default", "acceptEdits", "plan", "auto"];

function statusOf(reading: Reading): ReactNode {
  if (!reading.working) return null;
  const last = reading.items.at(-1);
  if (last?.kind === "text" && last.streaming) return null;
  if (last?.kind === "retry" || reading.pending.length > 0) return null;
  const label = reading.compacting ? "Shortening the conversation…" : "Claude is working…";
  return <WorkingLine startedAt={reading.turnStartedAt} label={label} />;
}

/** One conversation: what was said, and the text box. */
export function ConversationView(props: ConversationViewProps) {
  const { sessionId, conversationId, canUse, canAnswer, blocked, agent } = props;
  const { reader, reading } = useConversation(sessionId, conversationId, props);
  const [suggestion, setSuggestion] = useState<{ text: string; attachments?: Attachments } | null>(null);
  const { cwd, pending } = reading;
  const permissionModes = agent?.permissionModes ?? allModes;
  const context: PaneContextValue = useMemo(
    () => ({ sessionId, conversationId, reader, cwd, canUse, canAnswer, hasEditor: true, permissionModes }),
    [sessionId, conversationId, reader, cwd, canUse, canAnswer, permissionModes],
  );
  const empty = useMemo(
    () => <EmptyState disabled={!canUse} onChoose={(text) => setSuggestion({ text })} />,
    [canUse],
  );
  useQuestionFocus(canAnswer ? pending[0]?.requestId : undefined);
  useQuestionToShow(pending);
  return (
    <PaneProvider value={context}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys for the question's buttons, which have names */}
      <div
        data-claude-conversation=""
        className="flex min-h-0 flex-1 flex-col"
        onKeyDown={(event) => onAnswerKey(event, pending[0]?.requestId)}
      >
        {reading.known && !endsKeyMissing(reading.items) && <KeyMissingNotice />}
        <RulesDialog sessionId={sessionId} mayRemove={canAnswer} />
        {reading.error !== null && (
          <Notice tone="warning" title="The conversation could not be loaded" className="mx-3 mt-3">
            <p>{reading.error}</p>
            <Button size="sm" className="mt-2" onClick={() => reader.tryAgain()}>
              Try again
            </Button>
          </Notice>
        )}
        {reading.known ? (
          <Timeline
            items={reading.items}
            waiting={reading.waiting}
            pending={pending}
            complete={reading.complete}
            loadingOlder={reading.loadingOlder}
            status={statusOf(reading)}
            empty={empty}
          />
        ) : (
          <div className="min-h-0 flex-1">
            <PaneSkeleton label="The conversation" />
          </div>
        )}
        <TodoBar todos={reading.todos} working={reading.working} />
        <GoBackDialog onGoneBack={(text, attachments) => setSuggestion({ text, attachments })} />
        <PendingBar pending={pending} onShow={showQuestion} />
        <QueueList queue={reading.queue} canUse={canUse} disabled={blocked !== null} />
        {canUse ? (
          <Composer
            working={reading.working}
            asked={canAnswer && pending.length > 0}
            conversation={reading.conversation}
            blocked={blocked}
            modes={permissionModes}
            suggestion={suggestion}
            onRunAsTask={props.onRunAsTask}
          />
        ) : (
          <p className="border-t px-3 py-2.5 text-center text-muted-foreground text-xs">
            You can read this conversation. Only those who work in this session can write to Claude.
          </p>
        )}
      </div>
    </PaneProvider>
  );
}
