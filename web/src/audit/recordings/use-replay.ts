import type { Terminal } from "@xterm/xterm";
import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { onThemeChange, terminalTheme } from "../../workbench/terminal/theme.ts";
import { makeTerminal, terminalFonts } from "../../workbench/terminal/xterm.ts";
import { type Cast, type CastEvent, sizeIn } from "./cast.ts";
import { Playback } from "./playback.ts";

/** A tab that slept goes on where it was. */
const longestStepSeconds = 0.25;

export interface Replay {
  readonly at: number;
  readonly playing: boolean;
  readonly speed: number;
  readonly skipIdle: boolean;
  /** The last thing that was typed, or said of the recording. */
  readonly note: string | null;
  toggle(): void;
  seek(at: number): void;
  setSpeed(speed: number): void;
  setSkipIdle(skip: boolean): void;
}

/** Draws the recording's terminal in its size, as large as its place lets it be. */
function openScreen(place: HTMLElement, cast: Cast, onNote: (note: string | null) => void) {
  const terminal: Terminal = makeTerminal(cast, false);
  terminal.open(place);
  const fit = () => {
    const drawn = place.querySelector<HTMLElement>(".xterm-screen");
    if (drawn === null || drawn.offsetWidth === 0) return;
    const scale = Math.min(1, place.clientWidth / drawn.offsetWidth);
    place.style.setProperty("--scale", String(scale));
    place.style.height = `${Math.ceil(drawn.offsetHeight * scale)}px`;
  };
  const observer = new ResizeObserver(fit);
  observer.observe(place.parentElement ?? place);
  const endTheme = onThemeChange(() => {
    terminal.options.theme = terminalTheme();
  });
  const resize = (size: { cols: number; rows: number } | null) => {
    if (size === null) return;
    terminal.resize(size.cols, size.rows);
    requestAnimationFrame(fit);
  };
  requestAnimationFrame(fit);
  return {
    reset() {
      terminal.reset();
      resize(cast);
      onNote(null);
    },
    show({ kind, text }: CastEvent) {
      if (kind === "o") terminal.write(text);
      else if (kind === "r") resize(sizeIn(text));
      else onNote(kind === "i" ? `typed: ${JSON.stringify(text).slice(1, -1).slice(0, 200)}` : text);
    },
    dispose() {
      observer.disconnect();
      endTheme();
      terminal.dispose();
    },
  };
}

/** Replays a recording in the element, from the moment `from` on. */
export function useReplay(cast: Cast, place: RefObject<HTMLElement | null>, from: number): Replay {
  const playback = useRef<Playback | null>(null);
  const [at, setAt] = useState(from);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(1);
  const [skipIdle, setSkipIdle] = useState(true);
  const [note, setNote] = useState<string | null>(null);

  useEffect(() => {
    let end = () => {};
    let gone = false;
    void terminalFonts().then(() => {
      if (gone || place.current === null) return;
      const screen = openScreen(place.current, cast, setNote);
      playback.current = new Playback(cast, screen);
      playback.current.seek(from);
      end = () => screen.dispose();
    });
    return () => {
      gone = true;
      playback.current = null;
      end();
    };
  }, [cast, place, from]);

  useEffect(() => {
    if (playback.current === null) return;
    playback.current.speed = speed;
    playback.current.skipIdle = skipIdle;
  }, [speed, skipIdle]);

  useEffect(() => {
    if (!playing) return;
    let frame = 0;
    let last = performance.now();
    const step = (now: number) => {
      const current = playback.current;
      if (current !== null) {
        current.speed = speed;
        current.skipIdle = skipIdle;
        current.advance(Math.min((now - last) / 1000, longestStepSeconds));
        setAt(current.at);
        if (current.ended) return setPlaying(false);
      }
      last = now;
      frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
    return () => cancelAnimationFrame(frame);
  }, [playing, speed, skipIdle]);

  const seek = useCallback((to: number) => {
    playback.current?.seek(to);
    setAt(playback.current?.at ?? to);
  }, []);
  const toggle = useCallback(() => {
    if (playback.current?.ended) seek(0);
    setPlaying((now) => !now);
  }, [seek]);
  return { at, playing, speed, skipIdle, note, toggle, seek, setSpeed, setSkipIdle };
}
