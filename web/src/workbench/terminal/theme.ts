import type { ITheme } from "@xterm/xterm";

const ansi = {
  light: {
    black: "#1f1e1c",
    red: "#b3261e",
    green: "#2f6b3c",
    yellow: "#8a5a00",
    blue: "#2c5c8f",
    magenta: "#8a3f86",
    cyan: "#1d6b70",
    white: "#8b867b",
    brightBlack: "#66625a",
    brightRed: "#c9382f",
    brightGreen: "#3a8049",
    brightYellow: "#a06c07",
    brightBlue: "#3a72ae",
    brightMagenta: "#a3529f",
    brightCyan: "#268388",
    brightWhite: "#5b574f",
  },
  dark: {
    black: "#383632",
    red: "#f2867c",
    green: "#8cc797",
    yellow: "#e3b65b",
    blue: "#8ab6e6",
    magenta: "#d59bd0",
    cyan: "#7fc9c9",
    white: "#d6d2c7",
    brightBlack: "#8b867b",
    brightRed: "#ff9f96",
    brightGreen: "#a8dcb1",
    brightYellow: "#f2cc7e",
    brightBlue: "#a9cbf0",
    brightMagenta: "#e6b5e2",
    brightCyan: "#9bdede",
    brightWhite: "#f5f2ea",
  },
} as const;

export const isDark = () => document.documentElement.classList.contains("dark");

/** The terminal's colours, from the page's design tokens as they are now. */
export function terminalTheme(): ITheme {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ...ansi[isDark() ? "dark" : "light"],
    background: token("background"),
    foreground: token("foreground"),
    cursor: token("clay"),
    cursorAccent: token("background"),
    selectionBackground: `${token("ring")}4d`,
    selectionInactiveBackground: `${token("ring")}26`,
    scrollbarSliderBackground: `${token("border-strong")}88`,
    scrollbarSliderHoverBackground: token("border-strong"),
    scrollbarSliderActiveBackground: token("border-strong"),
    overviewRulerBorder: "#00000000",
  };
}

/** Calls back whenever the page turns light or dark. Returns what ends it. */
export function onThemeChange(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
  return () => observer.disconnect();
}
