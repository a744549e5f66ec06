import { type FileContent, loadFile } from "./file-content.ts";
import { readTabs } from "./remembered-tabs.ts";

const asked = new Set<string>();
const answers = new Map<string, Promise<FileContent | null>>();
const keyOf = (sessionId: string, path: string) => `${sessionId}/${path}`;

/**
 * Asks for the file in front while the editor itself is still on its way; once for each session, since later the
 * editor knows its files itself.
 */
export function askFileEarly(userId: string, sessionId: string): void {
  if (asked.has(sessionId)) return;
  asked.add(sessionId);
  const { active } = readTabs(userId, sessionId);
  if (active === null) return;
  const answer = loadFile(sessionId, active);
  const key = keyOf(sessionId, active);
  answers.set(key, answer);
  // A session that is stopped has no files to read, as a rule: the editor asks again when it runs.
  answer.catch(() => answers.delete(key));
}

/** The early answer for this file, if it was asked for; for one reader. */
export function takeEarly(sessionId: string, path: string): Promise<FileContent | null> | null {
  const key = keyOf(sessionId, path);
  const answer = answers.get(key) ?? null;
  answers.delete(key);
  return answer;
}
