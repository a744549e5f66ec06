import { AppError, maxFileBytes, type RouteDefinition, writeFile } from "@remote-claude/protocol";
import { formatBytes } from "../../../lib/format.ts";
import { live } from "../../../lib/live.ts";
import { upload } from "../../../lib/upload.ts";
import { uploadQuestion } from "../files/file-questions.ts";
import { isConflict } from "../files/is-conflict.ts";
import type { Ask } from "../question-dialog.tsx";
import {
  directoriesOf,
  type Existing,
  type PlannedUpload,
  pathToKeepBoth,
  planUploads,
  type UploadItem,
} from "./upload-plan.ts";

/** So many at a time: small files should not wait for each other's round trips. */
const atOnce = 3;

export interface UploadProgress {
  done: number;
  total: number;
  /** From 0 to 1, of all bytes. */
  fraction: number;
  name: string;
}

export interface UploadOutcome {
  uploaded: string[];
  /** How many of those are empty directories. */
  directories: number;
  skipped: number;
  failed: { path: string; message: string }[];
}

type Choice = "replace" | "keep-both" | "skip";

interface Job extends PlannedUpload {
  replace: boolean;
}

/** What is in the directories that things go into; those that are not there yet are empty. */
async function lookAt(sessionId: string, directories: readonly string[]): Promise<Existing> {
  const files = new Set<string>();
  const found = new Set<string>();
  for (const path of directories) {
    try {
      const { entries } = await live.command("file.list", sessionId, { path });
      for (const entry of entries) (entry.type === "directory" ? found : files).add(entry.path);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "not_found") throw error;
    }
  }
  return { files, directories: found };
}

/** Asks about each file that exists already. null: the person gave up on all. */
async function settleConflicts(plan: PlannedUpload[], existing: Existing, ask: Ask): Promise<Job[] | null> {
  const planned = new Set(plan.map(({ path }) => path));
  let left = plan.filter(({ conflict }) => conflict).length;
  let forAll: Choice | null = null;
  const jobs: Job[] = [];
  for (const upload of plan) {
    if (!upload.conflict) {
      jobs.push({ ...upload, replace: false });
      continue;
    }
    left -= 1;
    let choice: Choice | null = forAll;
    if (choice === null) {
      const answer = await ask(uploadQuestion(upload.path, left));
      if (answer === null) return null;
      choice = answer.choice;
      if (answer.forAll) forAll = choice;
    }
    if (choice === "replace") jobs.push({ ...upload, replace: true });
    if (choice === "keep-both") {
      const path = pathToKeepBoth(upload.path, existing, planned);
      planned.add(path);
      jobs.push({ ...upload, path, replace: false });
    }
  }
  return jobs;
}

async function send(
  sessionId: string,
  { item, path, replace }: Job,
  signal: AbortSignal,
  onProgress: (fraction: number) => void,
): Promise<void> {
  if (item.file === null) {
    await live.command("file.make-directory", sessionId, { path });
    return;
  }
  if (item.file.size > maxFileBytes)
    throw new AppError("too_large", `it is larger than ${formatBytes(maxFileBytes)}`);
  try {
    await upload(writeFile as unknown as RouteDefinition, item.file, {
      params: { sessionId, path },
      query: { upload: "1" },
      headers: {
        "content-type": "application/octet-stream",
        // Nothing is replaced that nobody was asked about, even if it came a moment ago.
        ...(replace ? {} : { "if-none-match": "*" }),
      },
      signal,
      onProgress,
    });
  } catch (error) {
    if (isConflict(error)) throw new AppError("conflict", "a file of that name has just been made");
    throw error;
  }
}

/** Uploads all of them. null: the person cancelled before anything was sent. */
export async function runUploads(
  sessionId: string,
  items: readonly UploadItem[],
  directory: string,
  ask: Ask,
  on: { signal: AbortSignal; progress(progress: UploadProgress): void },
): Promise<UploadOutcome | null> {
  const existing = await lookAt(sessionId, directoriesOf(items, directory));
  const plan = planUploads(items, directory, existing);
  const jobs = await settleConflicts(plan, existing, ask);
  if (jobs === null) return null;
  const outcome: UploadOutcome = {
    uploaded: [],
    directories: 0,
    skipped: plan.length - jobs.length,
    failed: [],
  };
  const sizeOf = ({ item }: Job) => (item.file?.size ?? 0) + 1;
  const totalSize = jobs.reduce((sum, job) => sum + sizeOf(job), 0);
  const sent = new Map<Job, number>();
  let done = 0;
  const queue = [...jobs];
  const work = async () => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      if (on.signal.aborted) return;
      const current = job;
      const tell = (fraction: number) => {
        sent.set(current, fraction * sizeOf(current));
        const bytes = [...sent.values()].reduce((sum, size) => sum + size, 0);
        on.progress({ done, total: jobs.length, fraction: bytes / totalSize, name: current.path });
      };
      tell(0);
      try {
        await send(sessionId, job, on.signal, tell);
        outcome.uploaded.push(job.path);
        if (job.item.file === null) outcome.directories += 1;
      } catch (error) {
        if (on.signal.aborted) return;
        outcome.failed.push({ path: job.path, message: error instanceof Error ? error.message : "unknown" });
      }
      done += 1;
      tell(1);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return outcome;
}
