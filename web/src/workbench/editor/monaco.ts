import { editor, languages, Range, Uri } from "monaco-editor/editor/editor.api.js";
import "./monaco-features.ts";
import { isDark, onThemeChange } from "../terminal/theme.ts";
import { registerLanguages } from "./monaco-languages.ts";
import { monacoTheme } from "./monaco-theme.ts";
import { makeWorker } from "./monaco-workers.ts";

export { editor, languages, Range, Uri };

declare global {
  interface Window {
    MonacoEnvironment?: { getWorker(module: string, label: string): Worker };
  }
}

window.MonacoEnvironment = { getWorker: (_, label) => makeWorker(label) };
registerLanguages();

function applyTheme(): void {
  editor.defineTheme("remote-claude", monacoTheme(isDark()));
  editor.setTheme("remote-claude");
}
applyTheme();
onThemeChange(applyTheme);
