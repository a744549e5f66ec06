import { userIdOfPage } from "../lib/current-user.tsx";
import { sessionWatches } from "../lib/session-watch.ts";
import { askFileEarly } from "./editor/early-file.ts";
import { askTerminalsEarly } from "./terminal/early-list.ts";

/** Asks the server for what a workbench shows first, before anything of it is drawn. */
export function askEarly(sessionId: string): void {
  sessionWatches.begin(sessionId);
  askTerminalsEarly(sessionId);
  const userId = userIdOfPage();
  if (userId !== null) askFileEarly(userId, sessionId);
}
