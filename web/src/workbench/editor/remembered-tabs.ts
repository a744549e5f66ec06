import { z } from "zod";
import { readPreference, writePreference } from "../../lib/preferences.ts";

const RememberedTabs = z.object({
  paths: z.array(z.string()).readonly(),
  preview: z.string().nullable(),
  active: z.string().nullable(),
});
type RememberedTabs = z.infer<typeof RememberedTabs>;

const nameOf = (sessionId: string) => `editor.${sessionId}`;

/** The tabs this person had in the session. */
export function readTabs(userId: string, sessionId: string): RememberedTabs {
  const fallback = { paths: [], preview: null, active: null };
  return readPreference(userId, nameOf(sessionId), RememberedTabs, fallback);
}

export function writeTabs(
  userId: string,
  sessionId: string,
  { paths, preview, active }: RememberedTabs,
): void {
  writePreference(userId, nameOf(sessionId), { paths, preview, active });
}
