import { executeCommand } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import { implement } from "../http/implement.ts";
import { assertRunning, whileAllowed } from "../sessions/index.ts";

/** Longer than the longest timeout a caller may ask for. */
const longestMs = 610_000;

/** REST routes that act in the workspace as a whole. */
export const workspaceRoutes = {
  executeCommand: implement(executeCommand, async (input) => {
    const { context, principal, params, body, session, signal } = input;
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
    const options = { actor, timeoutMs: longestMs };
    // The command itself goes on to its own end in the session; nobody hears of it.
    return whileAllowed(context, { principal, sessionId, needs: executeCommand.needs }, signal, () =>
      context.agents.request(sessionId, "workspace.execute", body, options),
    );
  }),
};
