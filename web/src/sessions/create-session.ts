import {
  AppError,
  CreateSession,
  createSession,
  maxArchiveBytes,
  type Session,
} from "@remote-claude/protocol";
import { call } from "../lib/api.ts";
import { formatBytes } from "../lib/format.ts";
import { upload } from "../lib/upload.ts";

/** What the dialog asks for; empty texts mean "not given". */
export interface NewSession {
  name: string;
  repositoryUrl?: string;
  branch?: string;
  template?: string;
  archive?: File;
}

/** What is wrong with a field, in a sentence; or null. */
export type FieldProblems = Partial<Record<keyof NewSession, string>>;

/** Checks what was entered before it is sent; the server checks again. */
export function findProblems(input: NewSession, needs: "repositoryUrl" | "archive" | null): FieldProblems {
  const { archive, ...fields } = input;
  const problems: FieldProblems = {};
  const result = CreateSession.safeParse(withoutEmpty(fields));
  for (const issue of result.error?.issues ?? []) {
    const field = issue.path[0] as keyof NewSession | undefined;
    if (field !== undefined)
      problems[field] ??= field === "name" ? "Give the session a name." : issue.message;
  }
  if (needs === "repositoryUrl" && !fields.repositoryUrl?.trim()) {
    problems.repositoryUrl = "Enter the repository's address.";
  }
  if (needs === "archive") {
    if (archive === undefined) problems.archive = "Choose a .zip or .tar.gz file.";
    else if (!/\.(zip|tar\.gz|tgz)$/i.test(archive.name)) {
      problems.archive = "Only .zip and .tar.gz files can be unpacked.";
    } else if (archive.size > maxArchiveBytes) {
      problems.archive = `The file is larger than ${formatBytes(maxArchiveBytes)}.`;
    }
  }
  return problems;
}

/** Makes the session; with an archive as a form, telling how much of it has been sent. */
export async function makeSession(
  input: NewSession,
  options: { signal: AbortSignal; onProgress(fraction: number): void },
): Promise<Session> {
  const { archive, ...fields } = input;
  const body = CreateSession.parse(withoutEmpty(fields));
  if (archive === undefined) {
    return (await call(createSession, { body, signal: options.signal })).session;
  }
  const form = new FormData();
  for (const [name, value] of Object.entries(body)) if (value !== undefined) form.set(name, value);
  form.set("archive", archive, archive.name);
  const reply = await upload<{ session?: Session }>(createSession, form, options);
  if (reply.session === undefined) throw new AppError("internal", "The server answered unclearly.");
  return reply.session;
}

/** "my-project" of an address or a file name, to suggest as a name. */
export function suggestName(source: string): string {
  const last =
    source
      .trim()
      .replace(/[/\\]+$/, "")
      .split(/[/\\:]/)
      .at(-1) ?? "";
  return last.replace(/\.(git|zip|tgz|tar\.gz)$/i, "").slice(0, 100);
}

function withoutEmpty<Fields extends object>(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => typeof value !== "string" || value.trim() !== ""),
  ) as Fields;
}
