import { toWorkspacePath } from "./tool-text.ts";

/** A place in a file of the workspace. */
export interface FilePlace {
  readonly path: string;
  readonly line: number | null;
}

const withLine = /^(.*?)(?::(\d+)(?::\d+)?(?:-\d+)?|#L(\d+)(?:-L?\d+)?)$/;

/** What a link or a code span in a text means, if it means a file of the workspace. */
export function filePlaceOf(text: string, cwd: string | null): FilePlace | null {
  let target = text;
  try {
    target = decodeURIComponent(text);
  } catch {
    // A percent sign of its own.
  }
  if (/^[a-z][a-z0-9+.-]*:(?!\d)|^\/\/|^#|^\?/i.test(target) || target.includes("\n")) return null;
  const match = withLine.exec(target);
  const path = toWorkspacePath(match?.[1] ?? target, cwd);
  if (path === null || path === "" || path.endsWith("/")) return null;
  return { path, line: match === null ? null : Number(match[2] ?? match[3]) };
}

/** Looks like a file's name: `src/x.ts`, `x.ts:12`. `obj.method` and `1.5` do not. */
export function looksLikeFile(text: string): boolean {
  if (text.length > 200 || /[\s(){}<>"'`$|;,*?=]/.test(text)) return false;
  return (
    /^[\w@.~/+-]*\/[\w@.+-]+\.[A-Za-z]\w{0,9}(:\d+(?:[:-]\d+)*)?$/.test(text) ||
    /^[\w.+-]+\.[A-Za-z]\w{0,9}:\d+(?:[:-]\d+)*$/.test(text)
  );
}

/** Pictures that stand in the text itself. */
export function isDataImage(address: string): boolean {
  return /^data:image\/(?:png|jpeg|gif|webp|svg\+xml)[;,]/i.test(address);
}
