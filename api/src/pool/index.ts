export { claimPlace, countClaim, poolFigures } from "./claim.ts";
export { keepPool, tendSoon } from "./keep.ts";
