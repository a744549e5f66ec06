/** Runs `act` once, before the next drawing; in a hidden page, where nothing is drawn, a little later. */
function onNextFrame(act: () => void): () => void {
  let done = false;
  const run = () => {
    if (done) return;
    done = true;
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    act();
  };
  const frame = requestAnimationFrame(run);
  const timer = setTimeout(run, 250);
  return () => {
    done = true;
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}

/** After a piece of a text nothing is drawn for so long: nobody reads faster. */
const apartMs = 40;

/** When to act on what arrived; `act` says whether it was a piece of a text. Calls it off by what it returns. */
export type Schedule = (act: () => boolean) => () => void;

/**
 * At the next frame, and no sooner than `apartMs` after a piece of a text: those come all the time, and a page that
 * draws with every frame has no time left when one of them takes long. The first piece comes after no other.
 */
export function spacedFrames(): Schedule {
  let last = Number.NEGATIVE_INFINITY;
  return (act) => {
    const run = () => {
      const now = performance.now();
      if (act()) last = now;
    };
    const wait = last + apartMs - performance.now();
    if (wait <= 0) return onNextFrame(run);
    let cancel: () => void;
    const timer = setTimeout(() => {
      cancel = onNextFrame(run);
    }, wait);
    cancel = () => clearTimeout(timer);
    return () => cancel();
  };
}
