import { languages } from "monaco-editor/editor/editor.api.js";
import "monaco-editor/languages/definitions/register.all.js";
import "monaco-editor/languages/features/css/register.js";
import "monaco-editor/languages/features/html/register.js";
import { jsonDefaults } from "monaco-editor/languages/features/json/register.js";
import {
  JsxEmit,
  javascriptDefaults,
  ModuleKind,
  ModuleResolutionKind,
  ScriptTarget,
  typescriptDefaults,
} from "monaco-editor/languages/features/typescript/register.js";

/** Names that Monaco does not know by itself. */
const more: languages.ILanguageExtensionPoint[] = [
  { id: "shell", filenames: [".bashrc", ".bash_profile", ".profile", ".zshrc", ".env", ".envrc"] },
  { id: "shell", extensions: [".zsh", ".env"] },
  { id: "json", filenames: [".prettierrc", ".eslintrc", ".swcrc", "composer.lock", "Pipfile.lock"] },
  { id: "json", extensions: [".jsonc", ".json5", ".webmanifest", ".code-workspace", ".map"] },
  { id: "ini", filenames: [".editorconfig", ".npmrc", ".gitconfig", ".gitmodules", "Cargo.lock"] },
  { id: "ini", extensions: [".toml", ".conf", ".cfg", ".service"] },
  { id: "yaml", filenames: [".clang-format", "yarn.lock"] },
  { id: "dockerfile", filenames: ["Containerfile"] },
  { id: "ruby", filenames: ["Gemfile", "Brewfile", "Podfile", "Vagrantfile"] },
  { id: "typescript", extensions: [".mts", ".cts"] },
  { id: "javascript", extensions: [".mjs", ".cjs"] },
];

/**
 * Languages load when a file of theirs opens. TypeScript checks grammar only: what a file imports is not here, so
 * that every import would look like a mistake.
 */
export function registerLanguages(): void {
  for (const language of more) languages.register(language);
  for (const defaults of [typescriptDefaults, javascriptDefaults]) {
    defaults.setCompilerOptions({
      target: ScriptTarget.ESNext,
      module: ModuleKind.ESNext,
      moduleResolution: ModuleResolutionKind.NodeJs,
      jsx: JsxEmit.Preserve,
      allowJs: true,
      allowNonTsExtensions: true,
    });
    defaults.setDiagnosticsOptions({ noSemanticValidation: true, noSuggestionDiagnostics: true });
  }
  jsonDefaults.setDiagnosticsOptions({ allowComments: true, trailingCommas: "warning", validate: true });
}
