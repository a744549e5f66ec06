import { monacoModule } from "../../monaco/files.ts";
import type * as Monaco from "../../monaco/main.ts";
import { isDark, onThemeChange } from "../terminal/theme.ts";
import { afterTerminal } from "../terminal-first.ts";
import { monacoTheme } from "./monaco-theme.ts";

await afterTerminal();

/** Monaco, which the browser imports itself: it is in none of the page's bundles (docs/adr/0006-monaco.md). */
export const { editor, languages, Range, Uri }: typeof Monaco = await import(
  /* turbopackIgnore: true */ monacoModule
);

function applyTheme(): void {
  editor.defineTheme("remote-claude", monacoTheme(isDark()));
  editor.setTheme("remote-claude");
}
applyTheme();
onThemeChange(applyTheme);

/** What people call a language: "TypeScript" for "typescript". */
export function languageName(id: string): string {
  if (id === "plaintext") return "Plain text";
  const names = languages
    .getLanguages()
    .flatMap((language) => (language.id === id ? (language.aliases ?? []) : []));
  return names[0] ?? id;
}
