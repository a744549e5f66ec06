import type { HookCallback, Options } from "@anthropic-ai/claude-agent-sdk";
import * as z from "zod";

/** Hears of every edit of a file by Claude Code's own tools, subagents' included. */
export interface EditWatcher {
  /** It is about to edit `file`, and waits until this resolves. */
  before(conversationId: string, toolUseId: string, file: string): Promise<void>;
  /** It has edited it, or has failed to. */
  after(toolUseId: string, done: boolean): Promise<void>;
}

/** The same, of one conversation. */
export interface ConversationEdits {
  before(toolUseId: string, file: string): Promise<void>;
  after(toolUseId: string, done: boolean): Promise<void>;
}

export function editsOf(watcher: EditWatcher, conversationId: string): ConversationEdits {
  return {
    before: (toolUseId, file) => watcher.before(conversationId, toolUseId, file),
    after: (toolUseId, done) => watcher.after(toolUseId, done),
  };
}

const editingTools = "Edit|Write|MultiEdit|NotebookEdit";

const EditInput = z.union([
  z.object({ file_path: z.string() }).transform(({ file_path }) => file_path),
  z.object({ notebook_path: z.string() }).transform(({ notebook_path }) => notebook_path),
]);

/** Hooks of Claude Code that only listen: whatever goes wrong in them, the edit goes on. */
export function editHooks(edits: () => ConversationEdits | null | undefined): NonNullable<Options["hooks"]> {
  const listening =
    (listen: (edits: ConversationEdits, input: Parameters<HookCallback>[0]) => Promise<void>): HookCallback =>
    async (input) => {
      const watcher = edits();
      if (watcher) await listen(watcher, input).catch(() => undefined);
      return {};
    };
  const before = listening(async (watcher, input) => {
    if (input.hook_event_name !== "PreToolUse") return;
    const file = EditInput.safeParse(input.tool_input);
    if (file.success) await watcher.before(input.tool_use_id, file.data);
  });
  const after = listening(async (watcher, input) => {
    if (input.hook_event_name === "PostToolUse") await watcher.after(input.tool_use_id, true);
    else if (input.hook_event_name === "PostToolUseFailure") await watcher.after(input.tool_use_id, false);
  });
  return {
    PreToolUse: [{ matcher: editingTools, hooks: [before] }],
    PostToolUse: [{ matcher: editingTools, hooks: [after] }],
    PostToolUseFailure: [{ matcher: editingTools, hooks: [after] }],
  };
}
