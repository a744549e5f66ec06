import { FileArchiveIcon, UploadIcon } from "lucide-react";
import { useState } from "react";
import { formatBytes } from "../lib/format.ts";
import { cn } from "../lib/utils.ts";

/** A file to choose or to drop; while it is sent, how far that is. */
export function ArchiveField({
  file,
  problem,
  progress,
  onChoose,
}: {
  file: File | undefined;
  problem: string | undefined;
  /** From 0 to 1, or null while nothing is being sent. */
  progress: number | null;
  onChoose(file: File): void;
}) {
  const [over, setOver] = useState(false);
  return (
    <div className="flex flex-col gap-1.5">
      <label
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          const dropped = event.dataTransfer.files[0];
          if (dropped !== undefined) onChoose(dropped);
        }}
        className={cn(
          "flex cursor-pointer flex-col items-center gap-1.5 rounded-lg border border-dashed border-field px-4 py-5 text-center focus-within:border-ring hover:bg-hover",
          over && "border-ring bg-clay-soft/50",
        )}
      >
        <input
          type="file"
          aria-label="Archive"
          accept=".zip,.tar.gz,.tgz,application/zip,application/gzip"
          className="sr-only"
          onChange={(event) => {
            const chosen = event.target.files?.[0];
            if (chosen !== undefined) onChoose(chosen);
          }}
        />
        {file === undefined ? (
          <>
            <UploadIcon className="size-5 text-muted-foreground" aria-hidden />
            <span>
              <span className="font-medium text-clay">Choose a file</span> or drop it here
            </span>
            <span className="text-muted-foreground text-xs">.zip or .tar.gz, up to 512 MiB</span>
          </>
        ) : (
          <>
            <FileArchiveIcon className="size-5 text-clay" aria-hidden />
            <span className="max-w-full truncate font-medium">{file.name}</span>
            <span className="text-muted-foreground text-xs">{formatBytes(file.size)}</span>
          </>
        )}
      </label>
      {progress !== null && (
        <div className="flex items-center gap-2">
          <div
            role="progressbar"
            aria-label="Upload"
            aria-valuenow={Math.round(progress * 100)}
            className="h-1.5 flex-1 overflow-hidden rounded-full bg-muted"
          >
            <div className="h-full bg-primary" style={{ width: `${progress * 100}%` }} />
          </div>
          <span className="w-24 text-right text-muted-foreground text-xs tabular-nums">
            {progress < 1 ? `${Math.round(progress * 100)} %` : "Unpacking…"}
          </span>
        </div>
      )}
      {problem !== undefined && (
        <p role="alert" className="text-destructive text-xs">
          {problem}
        </p>
      )}
    </div>
  );
}
