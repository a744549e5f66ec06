/** `npm run soak` repeats for as long as said; `npm test` takes a short share that is the same each time. */
const long = process.env.SOAK === "1";

/** Another one finds other things; the one that failed finds its fault again. */
export const seed = Number(process.env.SOAK_SEED ?? (long ? Date.now() % 1e9 : 20_261_120));

/** How often to repeat: SOAK_ROUNDS bounds what a soak does, which is never less than a test. */
export function times(inTest: number, inSoak: number): number {
  return long ? Math.max(inTest, Math.min(inSoak, Number(process.env.SOAK_ROUNDS ?? inSoak))) : inTest;
}
