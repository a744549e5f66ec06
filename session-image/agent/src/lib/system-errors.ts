import { AppError, type ErrorCode } from "@remote-claude/protocol";

/** What a session may write to is read-only only once writes to it have failed: then there is no going on. */
export const serverDiskFull =
  "the server's disk is full or has failed, and nothing can be written here any more; when an admin has made room, stop the session and resume it";

const meanings: Record<string, readonly [ErrorCode, string]> = {
  ENOENT: ["not_found", "there is no such file or directory"],
  ENOTDIR: ["not_found", "a part of the path is not a directory"],
  EISDIR: ["bad_request", "that is a directory"],
  EEXIST: ["conflict", "something of that name already exists"],
  ENOTEMPTY: ["conflict", "the directory is not empty"],
  EBUSY: ["conflict", "it is in use"],
  ETXTBSY: ["conflict", "it is being executed"],
  EXDEV: ["conflict", "it cannot be moved to another file system"],
  EINVAL: ["bad_request", "that is not possible here"],
  EACCES: ["forbidden", "the session may not touch it (permissions)"],
  EPERM: ["forbidden", "the session may not do that (permissions)"],
  EROFS: ["disk_full", serverDiskFull],
  ENAMETOOLONG: ["bad_request", "a name in the path is too long"],
  ELOOP: ["bad_request", "the path runs in a circle of symbolic links"],
  ENOSPC: ["quota_exceeded", "the session's disk is full"],
  EDQUOT: ["quota_exceeded", "the session's disk quota is used up"],
  EFBIG: ["too_large", "the file is too large"],
  EMFILE: ["unavailable", "too many files are open in the session"],
  ENFILE: ["unavailable", "too many files are open on the machine"],
  ENOMEM: ["unavailable", "the session is out of memory"],
  EAGAIN: ["unavailable", "the session has no room for another process"],
};

export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** The refusal a system error stands for; what has no meaning to a person comes back as it is. */
export function toAppError(error: unknown, what = ""): unknown {
  if (error instanceof AppError) return error;
  const meaning = meanings[errorCode(error) ?? ""];
  if (meaning === undefined) return error;
  return new AppError(meaning[0], what === "" ? meaning[1] : `${what}: ${meaning[1]}`, { cause: error });
}

/** Runs it, and throws system errors as the refusals they stand for. */
export async function withMeaning<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw toAppError(error, what);
  }
}
