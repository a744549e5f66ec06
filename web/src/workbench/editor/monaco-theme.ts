import type { editor } from "monaco-editor/editor/editor.api.js";

/** The page's colours as Monaco wants them; token colours are ours, in the same family. */
export function monacoTheme(dark: boolean): editor.IStandaloneThemeData {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const rule = (scope: string, foreground: string, fontStyle = "") => ({
    token: scope,
    foreground,
    ...(fontStyle === "" ? {} : { fontStyle }),
  });
  return {
    base: dark ? "vs-dark" : "vs",
    inherit: true,
    rules: dark
      ? [
          rule("comment", "8b867b", "italic"),
          rule("keyword", "d97757"),
          rule("string", "a5c78f"),
          rule("number", "e3b65b"),
          rule("type", "8ab6e6"),
          rule("regexp", "d59bd0"),
          rule("tag", "d97757"),
          rule("attribute.name", "e3b65b"),
          rule("string.key.json", "8ab6e6"),
          rule("delimiter", "a9a498"),
        ]
      : [
          rule("comment", "7a756a", "italic"),
          rule("keyword", "a1431f"),
          rule("string", "3d6b2c"),
          rule("number", "7a5000"),
          rule("type", "2c5c8f"),
          rule("regexp", "8a3f86"),
          rule("tag", "a1431f"),
          rule("attribute.name", "7a5000"),
          rule("string.key.json", "2c5c8f"),
          rule("delimiter", "66625a"),
        ],
    colors: {
      "editor.background": token("background"),
      "editor.foreground": token("foreground"),
      "editorGutter.background": token("background"),
      "editorLineNumber.foreground": dark ? "#8b867b" : "#736e65",
      "editorLineNumber.activeForeground": token("foreground"),
      "editor.lineHighlightBackground": dark ? "#ffffff08" : "#00000008",
      "editor.lineHighlightBorder": "#00000000",
      "editor.selectionBackground": `${token("ring")}40`,
      "editor.inactiveSelectionBackground": `${token("ring")}22`,
      "editorCursor.foreground": token("clay"),
      "editorWidget.background": token("surface"),
      "editorWidget.border": token("border"),
      "editorHoverWidget.background": token("surface"),
      "editorSuggestWidget.background": token("surface"),
      "editorSuggestWidget.selectedBackground": token("selected"),
      "editorSuggestWidget.selectedForeground": token("foreground"),
      "input.background": token("background"),
      "input.border": token("border-strong"),
      focusBorder: token("ring"),
      "list.hoverBackground": token("hover"),
      "menu.background": token("surface"),
      "menu.foreground": token("foreground"),
      "menu.selectionBackground": token("hover"),
      "menu.selectionForeground": token("foreground"),
      "scrollbar.shadow": "#00000000",
      "scrollbarSlider.background": `${token("border-strong")}66`,
      "scrollbarSlider.hoverBackground": `${token("border-strong")}aa`,
      "scrollbarSlider.activeBackground": token("border-strong"),
      "editorStickyScroll.background": token("background"),
      "editorStickyScrollHover.background": token("hover"),
      "diffEditor.insertedTextBackground": dark ? "#8cc79733" : "#2f6b3c2e",
      "diffEditor.removedTextBackground": dark ? "#f2867c33" : "#b3261e26",
      "diffEditor.insertedLineBackground": dark ? "#8cc79718" : "#2f6b3c14",
      "diffEditor.removedLineBackground": dark ? "#f2867c18" : "#b3261e10",
    },
  };
}
