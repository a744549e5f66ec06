/** The address of each worker's file, put in by build-monaco.mjs. */
declare const WORKERS: Record<"editor" | "ts" | "json" | "css" | "html", string>;

function workerFor(label: string): string {
  switch (label) {
    case "typescript":
    case "javascript":
      return WORKERS.ts;
    case "json":
      return WORKERS.json;
    case "css":
    case "scss":
    case "less":
      return WORKERS.css;
    case "html":
    case "handlebars":
    case "razor":
      return WORKERS.html;
    default:
      return WORKERS.editor;
  }
}

/** The worker for a language: a file of the page's own origin, fetched when the first file wants it. */
export const makeWorker = (label: string) => new Worker(workerFor(label), { type: "module" });
