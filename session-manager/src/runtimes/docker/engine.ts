import { AppError } from "@remote-claude/protocol";
import Docker from "dockerode";
import { z } from "zod";

/** What dockerode throws: an answer of the engine, or an error of the connection. */
const EngineError = z.object({
  statusCode: z.number().optional(),
  code: z.string().optional(),
  message: z.string(),
});

const unreachable = new Set(["ECONNREFUSED", "ENOENT", "EACCES", "EPIPE", "ECONNRESET", "ETIMEDOUT"]);

export const statusOf = (error: unknown): number | undefined => EngineError.safeParse(error).data?.statusCode;

/** What an engine's failure means to people; a failure that nobody foresaw stays as it is. */
export function explain(error: unknown, image?: string): unknown {
  if (error instanceof AppError) return error;
  const parsed = EngineError.safeParse(error);
  if (!parsed.success) return error;
  const { statusCode, code, message } = parsed.data;
  if (statusCode === undefined && code !== undefined && unreachable.has(code)) {
    const advice = code === "EACCES" ? " Its socket may not be opened by this account." : "";
    return new AppError("engine_unavailable", `The Docker Engine does not answer.${advice}`, {
      cause: error,
    });
  }
  if (/no space left on device|disk quota exceeded/i.test(message)) {
    return new AppError("disk_full", "The server's disk is full.", { cause: error });
  }
  if (statusCode === 404 && /no such image/i.test(message)) {
    const which = image === undefined ? "The session's image" : `The image ${image}`;
    return new AppError(
      "image_missing",
      `${which} is not on this server: an admin has to build it (npm run build:session-image) or pull it.`,
      { cause: error },
    );
  }
  if (/unknown or invalid runtime name/i.test(message)) {
    return new AppError("unavailable", "The template's container runtime is not installed on this server.", {
      cause: error,
    });
  }
  return error;
}

/** Runs what talks to the engine; what it throws is explained. */
export async function engineCall<T>(work: () => Promise<T>, image?: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explain(error, image);
  }
}

/** null instead of a "no such container" or "no such volume"; "already so" is fine too. */
export async function unlessGone<T>(work: () => Promise<T>): Promise<T | null> {
  return engineCall(async () => {
    try {
      return await work();
    } catch (error) {
      const status = statusOf(error);
      if (status === 404 || status === 304) return null;
      throw error;
    }
  });
}

export function openEngine(socketPath: string): Docker {
  return new Docker({ socketPath });
}
