import { isPhone } from "./use-is-phone.ts";

/** The server answers sooner than this where it is near; where it is not, the editor is not to wait for it. */
const patienceMs = 600;

/** A turn that comes to an end when somebody says so, or by itself some time after the first has begun to wait. */
export function turn(patience: number): { wait(): Promise<void>; end(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let waiting = false;
  return {
    wait: () => {
      if (!waiting) setTimeout(resolve, patience);
      waiting = true;
      return promise;
    },
    end: resolve,
  };
}

const terminals = turn(patienceMs);
let drawn = false;

/** A terminal has taken in what it shows first, and the next frame draws it; or there is none to draw. */
export function terminalIsThere(): void {
  if (drawn) return;
  drawn = true;
  requestAnimationFrame(() => setTimeout(terminals.end));
}

/**
 * Until a terminal shows what it has. Making the editor keeps the main thread for longer than all that a terminal
 * needs, and each answer of the server would come after it. A phone shows one of them, which waits for nothing.
 */
export const afterTerminal = (): Promise<void> => (isPhone() ? Promise.resolve() : terminals.wait());
