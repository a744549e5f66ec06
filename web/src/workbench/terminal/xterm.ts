import { Terminal } from "@xterm/xterm";
import { terminalTheme } from "./theme.ts";

const terminalFont = '"JetBrains Mono Variable", monospace';
const terminalFontSize = 13;

let fonts: Promise<unknown> | null = null;

/** Cells are measured once, with the font that is there: it is worth waiting for, though not for long. */
export function terminalFonts(): Promise<unknown> {
  fonts ??= Promise.race([
    document.fonts.load(`${terminalFontSize}px ${terminalFont}`).catch(() => undefined),
    new Promise((resolve) => setTimeout(resolve, 1000)),
  ]);
  return fonts;
}

/** A terminal as ours look, of the size that its shell has now. */
export function makeTerminal(size: { cols: number; rows: number }, writable: boolean): Terminal {
  return new Terminal({
    allowProposedApi: true,
    cols: size.cols,
    rows: size.rows,
    // No blinking: its animation keeps a frame on its way at all times, and each key waits for one more.
    cursorBlink: false,
    disableStdin: !writable,
    fontFamily: terminalFont,
    fontSize: terminalFontSize,
    lineHeight: 1.15,
    scrollback: 10_000,
    minimumContrastRatio: 4.5,
    macOptionIsMeta: true,
    theme: terminalTheme(),
  });
}

/** Whether WebGL is drawn by a graphics card; drawn in software it is slower than the DOM. */
function hasGraphicsCard(): boolean {
  const context = document.createElement("canvas").getContext("webgl2");
  if (context === null) return false;
  const info = context.getExtension("WEBGL_debug_renderer_info");
  const renderer = String(context.getParameter(info?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER));
  context.getExtension("WEBGL_lose_context")?.loseContext();
  return !/swiftshader|llvmpipe|software|basic render/i.test(renderer);
}

let accelerated: boolean | null = null;

/** Draws with WebGL where that is faster; without it, or when the card gives up, xterm draws with the DOM. */
export async function accelerate(terminal: Terminal): Promise<void> {
  accelerated ??= hasGraphicsCard();
  if (!accelerated) return;
  const { WebglAddon } = await import("@xterm/addon-webgl");
  const addon = new WebglAddon();
  addon.onContextLoss(() => addon.dispose());
  try {
    terminal.loadAddon(addon);
  } catch {
    accelerated = false;
    addon.dispose();
  }
}
