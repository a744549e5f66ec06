export { type Act, beginAsked, beginUnasked } from "./acts.ts";
export { keepSettling } from "./settle-acts.ts";
