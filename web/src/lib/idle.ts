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
