const module = { type: "module" } as const;

/** The worker for a language: a file of the page's own origin, fetched when the first file wants it. */
export function makeWorker(label: string): Worker {
  switch (label) {
    case "typescript":
    case "javascript":
      return new Worker(
        new URL("monaco-editor/languages/features/typescript/ts.worker.js", import.meta.url),
        module,
      );
    case "json":
      return new Worker(
        new URL("monaco-editor/languages/features/json/json.worker.js", import.meta.url),
        module,
      );
    case "css":
    case "scss":
    case "less":
      return new Worker(
        new URL("monaco-editor/languages/features/css/css.worker.js", import.meta.url),
        module,
      );
    case "html":
    case "handlebars":
    case "razor":
      return new Worker(
        new URL("monaco-editor/languages/features/html/html.worker.js", import.meta.url),
        module,
      );
    default:
      return new Worker(new URL("monaco-editor/editor/editor.worker.js", import.meta.url), module);
  }
}
