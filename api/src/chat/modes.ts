import { AppError, defaultTemplate, type PermissionMode } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import type { Context, Principal } from "../context.ts";

/**
 * Refuses a mode that the session's template does not allow; the agent would refuse it too. To turn off all questions
 * is an act of its own on the record, allowed or not.
 */
export async function assertMode(
  { db, config }: Context,
  principal: Principal,
  sessionId: string,
  mode: PermissionMode | undefined,
): Promise<void> {
  if (mode === undefined) return;
  const session = await db.session.findUnique({ where: { id: sessionId }, select: { template: true } });
  // A template that is gone from the file allows what any session may do.
  const { permissionModes } = config.templates.get(session?.template ?? "") ?? defaultTemplate;
  const allowed = permissionModes.includes(mode);
  if (mode === "bypassPermissions") {
    const result = allowed ? "success" : "refused";
    await record(db, { action: "claude.bypass-chosen", actor: principal, sessionId, result });
  }
  if (!allowed)
    throw new AppError("forbidden", `This session's template does not allow the mode ${mode}.`, {
      details: { mode, permissionModes },
    });
}
