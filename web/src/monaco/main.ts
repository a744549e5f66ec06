/**
 * Monaco as this product uses it. build-monaco.mjs makes it one file of its own (docs/adr/0006-monaco.md), so only
 * its types may be imported; workbench/editor/monaco.ts loads it.
 */
import { editor, languages, Range, Uri } from "monaco-editor/editor/editor.api.js";
import "./features.ts";
import { registerLanguages } from "./languages.ts";
import { makeWorker } from "./workers.ts";

export { editor, languages, Range, Uri };

declare global {
  interface Window {
    MonacoEnvironment?: { getWorker(module: string, label: string): Worker };
  }
}

window.MonacoEnvironment = { getWorker: (_, label) => makeWorker(label) };
registerLanguages();
