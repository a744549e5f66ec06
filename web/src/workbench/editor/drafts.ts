import { z } from "zod";

const Draft = z.object({ base: z.string().nullable(), text: z.string() });
/** Edits that were not saved, and the version they were made on. */
export type Draft = z.infer<typeof Draft>;

/** Unsaved edits of one person in one session, kept by the browser over a reload. */
export class Drafts {
  readonly #prefix: string;

  constructor(userId: string, sessionId: string) {
    this.#prefix = `remote-claude:${userId}:draft:${sessionId}:`;
  }

  /** The paths that have one. */
  paths(): string[] {
    try {
      return Object.keys(window.localStorage)
        .filter((key) => key.startsWith(this.#prefix))
        .map((key) => key.slice(this.#prefix.length));
    } catch {
      return [];
    }
  }

  find(path: string): Draft | null {
    try {
      const text = window.localStorage.getItem(this.#prefix + path);
      return text === null ? null : (Draft.safeParse(JSON.parse(text)).data ?? null);
    } catch {
      return null;
    }
  }

  /** false: the browser has no room for it. */
  keep(path: string, draft: Draft): boolean {
    try {
      window.localStorage.setItem(this.#prefix + path, JSON.stringify(draft));
      return true;
    } catch {
      return false;
    }
  }

  forget(path: string): void {
    try {
      window.localStorage.removeItem(this.#prefix + path);
    } catch {
      // Storage is off: there is nothing to forget.
    }
  }
}
