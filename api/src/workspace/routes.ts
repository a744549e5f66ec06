import { newId } from "@remote-claude/prisma";
import { executeCommand } from "@remote-claude/protocol";
import { beginAsked } from "../acts/index.ts";
import { implement } from "../http/implement.ts";
import { assertRunning, whileAllowed } from "../sessions/index.ts";

/** Longer than the longest timeout a caller may ask for. */
const longestMs = 610_000;
const cancelMs = 10_000;

/** REST routes that act in the workspace as a whole. */
export const workspaceRoutes = {
  executeCommand: implement(executeCommand, async (input) => {
    const { context, principal, params, body, session, signal } = input;
    assertRunning(session.session);
    const { sessionId } = params;
    const { command, cwd = "" } = body;
    const act = await beginAsked(context, {
      action: "command.executed",
      actor: principal,
      sessionId,
      target: cwd,
      details: { command },
    });
    const actor = { id: principal.id, name: principal.name };
    const options = { actor, timeoutMs: longestMs, act: act.id };
    const executionId = newId();
    const request = async () => {
      try {
        const result = await context.agents.request(
          sessionId,
          "workspace.execute",
          { ...body, executionId },
          options,
        );
        void act.done().catch(() => {});
        return result;
      } catch (error) {
        await act.failed(error);
        throw error;
      }
    };
    return whileAllowed(context, { principal, sessionId, needs: executeCommand.needs }, signal, (given) =>
      cancelling(given, request, () =>
        context.agents.request(
          sessionId,
          "workspace.cancel",
          { executionId },
          { actor, timeoutMs: cancelMs },
        ),
      ),
    );
  }),
};

/** Nobody waits for it any more: what it would still do in the session, nobody has asked for. */
async function cancelling<T>(
  signal: AbortSignal,
  work: () => Promise<T>,
  cancel: () => Promise<unknown>,
): Promise<T> {
  // An agent that is gone, or of before, lets it run to its own end.
  const stop = () => void cancel().catch(() => undefined);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await work();
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
