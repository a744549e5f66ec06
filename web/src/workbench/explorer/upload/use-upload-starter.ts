import { useMemo } from "react";
import { toast } from "sonner";
import { messageOf } from "../../../lib/errors.ts";
import type { Ask } from "../question-dialog.tsx";
import { ancestorsOf, joinPath } from "../tree/paths.ts";
import type { ExplorerModel } from "../tree/use-explorer.ts";
import { chosenItems } from "./dropped-items.ts";
import { runUploads, type UploadOutcome } from "./run-uploads.ts";
import type { Uploads } from "./upload-context.ts";
import type { UploadItem } from "./upload-plan.ts";

const filesLabel = (count: number) => (count === 1 ? "1 file" : `${count} files`);

function tellOutcome(id: string | number, { uploaded, skipped, failed }: UploadOutcome): void {
  const description = failed
    .slice(0, 4)
    .map(({ path, message }) => `${path}: ${message}`)
    .join("\n");
  // A toast that was updated keeps what is not set again.
  const rest = { id, action: undefined, description: description || undefined, duration: 4000 };
  if (failed.length > 0) {
    toast.error(`${filesLabel(failed.length)} could not be uploaded`, { ...rest, duration: 10_000 });
  } else if (uploaded.length === 0) toast.info("Nothing was uploaded", rest);
  else {
    const more = skipped > 0 ? `, ${skipped} skipped` : "";
    toast.success(`Uploaded ${filesLabel(uploaded.length)}${more}`, rest);
  }
}

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

/** Uploads with a toast that tells how far they are and can cancel them. */
export function useUploadStarter(model: ExplorerModel, ask: Ask): Uploads {
  const { sessionId, files, reveal } = model;
  return useMemo(() => {
    const run = async (pending: Promise<UploadItem[]>, directory: string) => {
      const cancel = new AbortController();
      let id: string | number | undefined;
      try {
        const items = await pending;
        if (items.length === 0) return;
        const outcome = await runUploads(sessionId, items, directory, ask, {
          signal: cancel.signal,
          progress: ({ done, total, fraction, name }) => {
            id = toast.loading(
              `Uploading ${total === 1 ? name : `${Math.min(done + 1, total)} of ${total}`}`,
              {
                ...(id === undefined ? {} : { id }),
                description: `${Math.floor(fraction * 100)} %${total === 1 ? "" : ` · ${name}`}`,
                action: { label: "Cancel", onClick: () => cancel.abort() },
                duration: Number.POSITIVE_INFINITY,
              },
            );
          },
        });
        if (outcome === null) return;
        if (cancel.signal.aborted)
          toast.info("The upload was cancelled", {
            id: id ?? "",
            action: undefined,
            description: undefined,
            duration: 4000,
          });
        else tellOutcome(id ?? "upload", outcome);
        await files.refresh([directory]);
        const top = new Set(items.map(({ path }) => ancestorsOf(path)[0] ?? path));
        const [first] = outcome.uploaded;
        if (first !== undefined)
          await reveal(
            top.size === 1 && items.length > 1 ? joinPath(directory, [...top][0] ?? "") : first,
            true,
          );
      } catch (error) {
        toast.error(messageOf(error), {
          ...(id === undefined ? {} : { id }),
          action: undefined,
          duration: 8000,
        });
      }
    };
    return {
      start: (items, directory) => void run(items, directory),
      choose: (what, directory) => void run(chooseItems(what), directory),
    };
  }, [sessionId, files, reveal, ask]);
}
