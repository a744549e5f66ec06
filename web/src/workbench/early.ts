import { userIdOfPage } from "../lib/current-user.tsx";
import { sessionWatches } from "../lib/session-watch.ts";
import { askFileEarly } from "./editor/early-file.ts";
import { askTerminalsEarly } from "./terminal/early-list.ts";

/**
 * Runs with the workbench's first script: what a workbench shows first is asked of the server before anything of it is
 * drawn. From here, and not from instrumentation-client.ts, which comes a little sooner: its imports would bring along
 * once more what the page itself has.
 */
const path = typeof window === "undefined" ? "" : window.location.pathname;
const sessionId = /^\/sessions\/([0-9a-f-]{36})$/.exec(path)?.[1];

if (sessionId !== undefined) {
  sessionWatches.begin(sessionId);
  askTerminalsEarly(sessionId);
  const userId = userIdOfPage();
  if (userId !== null) askFileEarly(userId, sessionId);
}
