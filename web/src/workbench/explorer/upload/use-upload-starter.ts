import { useMemo } from "react";
import { messageOf } from "../../../lib/errors.ts";
import { toast } from "../../../lib/toast.ts";
import type { Ask } from "../question-dialog.tsx";
import { ancestorsOf, joinPath } from "../tree/paths.ts";
import type { ExplorerModel } from "../tree/use-explorer.ts";
import { chosenItems } from "./dropped-items.ts";
import { runUploads, type UploadOutcome, type UploadProgress } from "./run-uploads.ts";
import type { Uploads } from "./upload-context.ts";
import type { UploadItem } from "./upload-plan.ts";

const filesLabel = (count: number) => (count === 1 ? "1 file" : `${count} files`);

/** The browser's own dialog for files or a folder. */
function chooseItems(what: "files" | "folder"): Promise<UploadItem[]> {
  return new Promise((resolve) => {
    const input = document.createElement("input");
    input.type = "file";
    input.multiple = true;
    input.webkitdirectory = what === "folder";
    input.addEventListener("change", () => resolve(chosenItems(input.files)));
    input.addEventListener("cancel", () => resolve([]));
    input.click();
  });
}

/** One toast for one upload, from its first byte to its end. */
class UploadToast {
  readonly #cancel = new AbortController();
  #id: string | number | undefined;

  get signal(): AbortSignal {
    return this.#cancel.signal;
  }

  /** A toast that is updated keeps what is not set again. */
  #last() {
    const id = this.#id === undefined ? {} : { id: this.#id };
    return { ...id, action: undefined, description: undefined, duration: 5000 };
  }

  progress({ done, total, fraction, name }: UploadProgress): void {
    const what = total === 1 ? name : `${Math.min(done + 1, total)} of ${total}`;
    this.#id = toast.loading(`Uploading ${what}`, {
      ...this.#last(),
      description: `${Math.floor(fraction * 100)} %${total === 1 ? "" : ` · ${name}`}`,
      action: {
        label: "Cancel",
        onClick: (event) => {
          // The toast stays, to say that it is over.
          event.preventDefault();
          this.#cancel.abort();
        },
      },
      duration: Number.POSITIVE_INFINITY,
    });
  }

  end({ uploaded, directories, skipped, failed }: UploadOutcome): void {
    if (this.signal.aborted) toast.info("The upload was cancelled", this.#last());
    else if (failed.length > 0) {
      const description = failed
        .slice(0, 4)
        .map(({ path, message }) => `${path}: ${message}`)
        .join("\n");
      const title = `${filesLabel(failed.length)} could not be uploaded`;
      toast.error(title, { ...this.#last(), description, duration: 10_000 });
    } else if (uploaded.length === 0) toast.info("Nothing was uploaded", this.#last());
    else {
      const more = skipped > 0 ? `, ${skipped} skipped` : "";
      const files = uploaded.length - directories;
      toast.success(`Uploaded ${files === 0 ? "the folder" : filesLabel(files)}${more}`, this.#last());
    }
  }

  fail(error: unknown): void {
    toast.error(messageOf(error), this.#last());
  }
}

/** What to show in the tree afterwards: the one folder that came, or the first file. */
function toReveal(items: readonly UploadItem[], directory: string, uploaded: readonly string[]) {
  const top = [...new Set(items.map(({ path }) => ancestorsOf(path)[0]))];
  const [folder] = top;
  return top.length === 1 && folder !== undefined ? joinPath(directory, folder) : uploaded[0];
}

/** Uploads with a toast that tells how far they are and can cancel them. */
export function useUploadStarter({ sessionId, files, reveal }: ExplorerModel, ask: Ask): Uploads {
  return useMemo(() => {
    const run = async (pending: Promise<UploadItem[]>, directory: string) => {
      const shown = new UploadToast();
      try {
        const items = await pending;
        if (items.length === 0) return;
        const outcome = await runUploads(sessionId, items, directory, ask, {
          signal: shown.signal,
          progress: (progress) => shown.progress(progress),
        });
        if (outcome === null) return;
        shown.end(outcome);
        await files.refresh([directory]);
        const path = toReveal(items, directory, outcome.uploaded);
        if (path !== undefined && outcome.uploaded.length > 0) await reveal(path, true);
      } catch (error) {
        shown.fail(error);
      }
    };
    return {
      start: (items, directory) => void run(items, directory),
      choose: (what, directory) => void run(chooseItems(what), directory),
    };
  }, [sessionId, files, reveal, ask]);
}
