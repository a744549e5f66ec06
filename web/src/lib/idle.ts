/**
 * Until the main thread has nothing to do, or for `timeout` ms. Safari cannot tell, there the tasks that wait now go
 * first.
 */
export function idle(timeout: number): Promise<void> {
  return new Promise((resolve) => {
    if (typeof requestIdleCallback === "function") requestIdleCallback(() => resolve(), { timeout });
    else setTimeout(resolve);
  });
}

/** Two seconds on, a page that was just opened has come up; then what it needs at some time is fetched when it is idle. */
export const whenPageIsUp = (): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, 2000)).then(() => idle(2000));
