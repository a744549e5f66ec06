import { createContext, useContext } from "react";
import type { UploadItem } from "./upload-plan.ts";

export interface Uploads {
  /** Uploads into a directory, asking about what exists already. */
  start(items: Promise<UploadItem[]>, directory: string): void;
  /** Lets the person choose files, or a folder. */
  choose(what: "files" | "folder", directory: string): void;
}

export const UploadsContext = createContext<Uploads | null>(null);

export function useUploads(): Uploads {
  const uploads = useContext(UploadsContext);
  if (uploads === null) throw new Error("useUploads outside of the explorer");
  return uploads;
}
