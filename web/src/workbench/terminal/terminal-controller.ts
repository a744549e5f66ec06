import { AppError, type Terminal as TerminalInfo } from "@remote-claude/protocol";
import { FitAddon } from "@xterm/addon-fit";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebLinksAddon } from "@xterm/addon-web-links";
import type { Terminal } from "@xterm/xterm";
import { copyText } from "../../lib/copy-text.ts";
import { formatBytes } from "../../lib/format.ts";
import { idle } from "../../lib/idle.ts";
import { live } from "../../lib/live.ts";
import { newId } from "../../lib/new-id.ts";
import { sessionWatches } from "../../lib/session-watch.ts";
import { terminalIsThere } from "../terminal-first.ts";
import { InputQueue } from "./input-queue.ts";
import { OutputStream } from "./output-stream.ts";
import { isReport, pressWithCtrl, terminalKeyHandler } from "./terminal-keys.ts";
import { onThemeChange, terminalTheme } from "./theme.ts";
import { accelerate, makeTerminal } from "./xterm.ts";

const retryPauseMs = 2000;
const resizePauseMs = 80;
/** By then the page has come up. */
const accelerateAfterMs = 1500;

export interface TerminalControllerOptions {
  sessionId: string;
  info: TerminalInfo;
  element: HTMLElement;
  /** Whether this person may type. */
  writable: boolean;
  /** Enter was pressed after the shell had ended. */
  onRestart(): void;
  onFind(): void;
  /** The reader could not be attached, and not for a reason that passes. */
  onError(error: unknown): void;
  /** A key of the row on phones was used up. */
  onCtrlUsed(): void;
}

/**
 * One terminal on the page: xterm.js on one side, the session's bytes on the other. React only makes and ends it,
 * no byte passes through a component.
 */
export class TerminalController {
  readonly terminal: Terminal;
  readonly #options: TerminalControllerOptions;
  readonly #fit: FitAddon;
  readonly #output: OutputStream;
  readonly #input: InputQueue;
  readonly #ends: (() => void)[] = [];
  #info: TerminalInfo;
  #exitShown = false;
  #resizeTimer: ReturnType<typeof setTimeout> | null = null;
  #ctrl = false;
  #disposed = false;

  constructor(options: TerminalControllerOptions) {
    this.#options = options;
    this.#info = options.info;
    const { sessionId, info, writable } = options;
    const { terminalId } = info;
    this.terminal = makeTerminal(info, writable);
    this.#fit = new FitAddon();
    this.#loadAddons();
    const writer = newId();
    this.#input = new InputQueue({
      send: (sequence, data) =>
        live.command(
          "terminal.input",
          sessionId,
          { terminalId, writer, sequence, data },
          { offline: "fail" },
        ),
      later: (retry) => {
        const timer = setTimeout(retry, retryPauseMs);
        return () => clearTimeout(timer);
      },
      onRefused: (error) => {
        // The shell has ended, or the terminal has gone: the page says so itself.
        if (!(error instanceof AppError && ["conflict", "not_found"].includes(error.code)))
          options.onError(error);
      },
    });
    this.#output = this.#makeOutput();
    this.terminal.open(options.element);
    this.#listen();
    this.#accelerateLater();
  }

  /** Looking for a graphics card starts the browser's process for it: not while the page is coming up. */
  #accelerateLater(): void {
    const timer = setTimeout(async () => {
      await idle(2000);
      if (!this.#disposed) await accelerate(this.terminal);
    }, accelerateAfterMs);
    this.#ends.push(() => clearTimeout(timer));
  }

  #makeOutput(): OutputStream {
    const { sessionId, info, onError } = this.#options;
    const { terminalId } = info;
    return new OutputStream({
      source: {
        attach: async (after) => {
          const { terminal, ...at } = await live.command(
            "terminal.attach",
            sessionId,
            { terminalId, after },
            { offline: "fail" },
          );
          // A snapshot, and history, look right at the size they were written for.
          if (after === 0 && !this.#disposed) this.terminal.resize(terminal.cols, terminal.rows);
          queueMicrotask(() => {
            this.setInfo(terminal);
            // Drawn as it was written, it is fitted to this page: on a phone its lines would be cut off else.
            this.#output.whenConsumed(terminal.endOffset, () => {
              this.#takeSize();
              terminalIsThere();
            });
          });
          return { ...at, endOffset: terminal.endOffset };
        },
        acknowledge: (offset) => {
          const payload = { terminalId, offset };
          // Lost with the connection: attaching again says how far we are.
          live
            .command("terminal.acknowledge", sessionId, payload, { offline: "fail" })
            .catch(() => undefined);
        },
      },
      screen: {
        write: (data, done) => this.terminal.write(data, done),
        reset: () => {
          this.terminal.reset();
          this.#exitShown = false;
        },
      },
      gapMark: (bytes) => `\x1b[2m… ${formatBytes(bytes)} not shown …\x1b[0m\r\n`,
      onError: (error) => {
        // A terminal that is gone leaves the list, in a session that was started again a moment later; the others pass:
        // the stream begins again when the agent can be reached.
        if (error instanceof AppError && ["forbidden", "bad_request"].includes(error.code)) onError(error);
      },
    });
  }

  #loadAddons(): void {
    this.terminal.loadAddon(this.#fit);
    this.terminal.loadAddon(new Unicode11Addon());
    this.terminal.unicode.activeVersion = "11";
    this.terminal.loadAddon(
      new WebLinksAddon((event, uri) => {
        // A plain click selects; links want Ctrl (Cmd), as in an editor.
        if (event.ctrlKey || event.metaKey) window.open(uri, "_blank", "noopener,noreferrer");
      }),
    );
  }

  #listen(): void {
    const { sessionId, info, element } = this.#options;
    const watch = sessionWatches.store(sessionId);
    const { terminal } = this;
    terminal.attachCustomKeyEventHandler(
      terminalKeyHandler({ terminal, find: () => this.#options.onFind(), copy: () => this.copy() }),
    );
    const data = terminal.onData((text) => this.#typed(text));
    const binary = terminal.onBinary((text) => this.#typed(text));
    const observer = new ResizeObserver(() => this.fit());
    observer.observe(element);
    const onFocus = () => this.fit();
    element.addEventListener("focusin", onFocus);
    this.#ends.push(
      live.on("terminal.output", sessionId, ({ terminalId, offset, data: bytes }) => {
        if (terminalId === info.terminalId) this.#output.push({ offset, data: bytes });
      }),
      live.on("terminal.overrun", sessionId, ({ terminalId }) => {
        if (terminalId === info.terminalId) this.#output.overrun();
      }),
      watch.subscribe((state, before) => {
        if (state.epoch !== before.epoch) this.#reached();
        else if (state.agent === null && before.agent !== null) this.#output.stop();
      }),
      onThemeChange(() => {
        terminal.options.theme = terminalTheme();
      }),
      () => data.dispose(),
      () => binary.dispose(),
      () => observer.disconnect(),
      () => element.removeEventListener("focusin", onFocus),
    );
    if (watch.getState().agent !== null) this.#reached();
  }

  #reached(): void {
    this.#output.restart();
    this.#input.resume();
  }

  #typed(text: string): void {
    if (!this.#options.writable) return;
    // History that is drawn again makes xterm answer questions that were answered long ago.
    if (this.#output.replaying && isReport(text)) return;
    if (this.#exitShown) {
      if (text === "\r") this.#options.onRestart();
      return;
    }
    let typed = text;
    if (this.#ctrl) {
      typed = pressWithCtrl(text);
      this.#ctrl = false;
      this.#options.onCtrlUsed();
    }
    this.#input.push(typed);
  }

  /** What the agent says of the terminal; its output may still be on the way. */
  setInfo(info: TerminalInfo): void {
    if (this.#disposed) return;
    this.#info = info;
    if (info.exitCode !== null) this.#output.whenConsumed(info.endOffset, () => this.#showExit());
    // Another page has the say over the size: draw as it was written.
    const differs = info.cols !== this.terminal.cols || info.rows !== this.terminal.rows;
    if (differs && (!this.#options.writable || !document.hasFocus()))
      this.terminal.resize(info.cols, info.rows);
    else if (differs) this.fit();
  }

  #showExit(): void {
    if (this.#exitShown || this.#disposed) return;
    this.#exitShown = true;
    this.#input.clear();
    const again = this.#options.writable ? " – press Enter to restart" : "";
    this.terminal.write(`\r\n\x1b[2m[exited with ${this.#info.exitCode}${again}]\x1b[0m\x1b[?25l`);
  }

  /** The page that a person is at has the say over the size. */
  #takeSize(): void {
    if (document.hasFocus() && this.#info.exitCode === null) this.fit();
  }

  /** Fits the terminal to its element, and the shell to the terminal. */
  fit(): void {
    if (this.#disposed || !this.#options.writable) return;
    const size = this.#fit.proposeDimensions();
    // Hidden, there is nothing to fit to.
    if (size === undefined || Number.isNaN(size.cols) || this.#options.element.clientHeight < 20) return;
    const cols = Math.min(1000, Math.max(2, size.cols));
    const rows = Math.min(1000, Math.max(1, size.rows));
    if (cols !== this.terminal.cols || rows !== this.terminal.rows) this.terminal.resize(cols, rows);
    if (this.#resizeTimer !== null) clearTimeout(this.#resizeTimer);
    this.#resizeTimer = setTimeout(() => this.#sendSize(), resizePauseMs);
  }

  #sendSize(): void {
    this.#resizeTimer = null;
    const { cols, rows } = this.terminal;
    if (this.#disposed || (this.#info.cols === cols && this.#info.rows === rows)) return;
    if (this.#info.exitCode !== null) return;
    const { sessionId, info } = this.#options;
    live
      .command("terminal.resize", sessionId, { terminalId: info.terminalId, cols, rows }, { offline: "fail" })
      // Without a connection: attaching again tells the size, and that is compared again.
      .catch(() => undefined);
  }

  focus(): void {
    this.terminal.focus();
  }

  /** Presses a key of the row on phones; arrows say what the program wants to hear of them. */
  pressKey(data: string): void {
    const application = this.terminal.modes.applicationCursorKeysMode;
    this.terminal.input(application ? data.replace("\x1b[", "\x1bO") : data, true);
    this.terminal.focus();
  }

  /** The next key is pressed with Ctrl. */
  setCtrl(held: boolean): void {
    this.#ctrl = held;
    this.terminal.focus();
  }

  paste(text: string): void {
    this.terminal.paste(text);
    this.terminal.focus();
  }

  copy(): boolean {
    const text = this.terminal.getSelection();
    if (text === "") return false;
    // The old way of copying takes the focus.
    void copyText(text).then(() => this.terminal.focus());
    return true;
  }

  selectAll(): void {
    this.terminal.selectAll();
    this.terminal.focus();
  }

  clear(): void {
    this.terminal.clear();
    this.terminal.focus();
  }

  dispose(): void {
    this.#disposed = true;
    for (const end of this.#ends) end();
    if (this.#resizeTimer !== null) clearTimeout(this.#resizeTimer);
    this.#output.stop();
    this.#input.clear();
    const { sessionId, info } = this.#options;
    live
      .command("terminal.detach", sessionId, { terminalId: info.terminalId }, { offline: "fail" })
      .catch(() => undefined);
    this.terminal.dispose();
  }
}
