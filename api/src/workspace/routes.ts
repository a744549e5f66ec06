import { executeCommand } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import { implement } from "../http/implement.ts";
import { assertRunning } from "../sessions/index.ts";

/** Longer than the longest timeout a caller may ask for. */
const longestMs = 610_000;

/** REST routes that act in the workspace as a whole. */
export const workspaceRoutes = {
  executeCommand: implement(executeCommand, async ({ context, principal, params, body, session }) => {
    assertRunning(session.session);
    const { sessionId } = params;
    const { command, cwd = "" } = body;
    await record(context.db, {
      action: "command.executed",
      actor: principal,
      sessionId,
      target: cwd,
      details: { command },
    });
    const actor = { id: principal.id, name: principal.name };
    return context.agents.request(sessionId, "workspace.execute", body, { actor, timeoutMs: longestMs });
  }),
};
