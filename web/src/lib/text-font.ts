/** The address of the pages' font, as their styles name it. */
export const textFont = new URL(
  "../../../node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
  import.meta.url,
).href;
