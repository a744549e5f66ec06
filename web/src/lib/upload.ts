import { AppError, type RouteDefinition } from "@remote-claude/protocol";
import { errorOfAnswer, urlOf } from "./api.ts";
import { goToSignIn } from "./go-to-sign-in.ts";

/** What an upload may say and take beside its content. */
export interface UploadOptions {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** From 0 to 1, as bytes leave the browser. */
  onProgress?: (fraction: number) => void;
}

/**
 * Sends a form or a file and tells how far it is. XMLHttpRequest, because fetch cannot tell how much of a body
 * has been sent.
 */
export function upload<Reply>(
  route: RouteDefinition,
  content: FormData | Blob,
  options: UploadOptions = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open(route.method, urlOf(route, options.params, options.query));
    for (const [name, value] of Object.entries(options.headers ?? {})) xhr.setRequestHeader(name, value);
    xhr.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) options.onProgress?.(event.loaded / event.total);
    });
    xhr.addEventListener("load", () => {
      if (xhr.status >= 200 && xhr.status < 300) {
        resolve((xhr.responseText === "" ? undefined : JSON.parse(xhr.responseText)) as Reply);
        return;
      }
      const error = errorOfAnswer(xhr.status, xhr.responseText);
      if (error.code === "unauthenticated") goToSignIn();
      reject(error);
    });
    xhr.addEventListener("error", () =>
      reject(new AppError("unavailable", "The upload broke off. Check your connection and try again.")),
    );
    xhr.addEventListener("abort", () => reject(new DOMException("The upload was cancelled.", "AbortError")));
    options.signal?.addEventListener("abort", () => xhr.abort(), { once: true });
    xhr.send(content);
  });
}
