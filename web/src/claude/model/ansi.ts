/** A run of text in one style. `style` names classes of claude.css. */
export interface AnsiRun {
  readonly text: string;
  readonly style: string;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
const sequence = /\u001b(?:\[([0-9;:?]*)[ -/]*([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;
const colors = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/** Splits terminal output into runs: colours are kept, everything else that moves the cursor is dropped. */
export function parseAnsi(output: string): AnsiRun[] {
  const runs: AnsiRun[] = [];
  const state = { color: "", bold: false, dim: false };
  let last = 0;
  const push = (text: string) => {
    const shown = dropControls(text);
    if (shown === "") return;
    const style = [state.color && `ansi-${state.color}`, state.bold && "ansi-bold", state.dim && "ansi-dim"];
    runs.push({ text: shown, style: style.filter(Boolean).join(" ") });
  };
  const text = overwriteLines(output);
  for (const match of text.matchAll(sequence)) {
    push(text.slice(last, match.index));
    last = match.index + match[0].length;
    if (match[2] === "m") applyCodes(match[1] ?? "", state);
  }
  push(text.slice(last));
  return runs;
}

/** The output as plain text. */
export function stripAnsi(output: string): string {
  return dropControls(overwriteLines(output).replace(sequence, ""));
}

function applyCodes(codes: string, state: { color: string; bold: boolean; dim: boolean }): void {
  const numbers = codes.split(/[;:]/).map(Number);
  for (let index = 0; index < numbers.length; index += 1) {
    const code = numbers[index] ?? 0;
    if (code === 0) Object.assign(state, { color: "", bold: false, dim: false });
    else if (code === 1) state.bold = true;
    else if (code === 2) state.dim = true;
    else if (code === 22) Object.assign(state, { bold: false, dim: false });
    else if (code >= 30 && code <= 37) state.color = colors[code - 30] ?? "";
    else if (code >= 90 && code <= 97) state.color = colors[code - 90] ?? "";
    else if (code === 39) state.color = "";
    // 256 and true colours: their arguments are skipped, the text stays readable in both themes.
    else if (code === 38 || code === 48) index += numbers[index + 1] === 5 ? 2 : 4;
  }
}

/** A progress bar writes its line again and again: only its last state is shown. */
function overwriteLines(text: string): string {
  if (!text.includes("\r")) return text;
  return text
    .split("\n")
    .map((line) => line.replace(/\r+$/, ""))
    .map((line) => line.slice(line.lastIndexOf("\r") + 1))
    .join("\n");
}

function dropControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "");
}
