/** The address of the terminal's and the editor's font, as the page's styles name it. */
export const codeFont = new URL(
  "../../../../node_modules/@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2",
  import.meta.url,
).href;
