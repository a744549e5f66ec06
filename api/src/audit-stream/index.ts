export { advance, type Held } from "./consumers.ts";
export { keepReading } from "./keep-reading.ts";
export { Position } from "./position.ts";
export { lagOf, maxCounted, nextRows, theBeginning, thisMoment } from "./read.ts";
