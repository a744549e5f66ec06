export { createHttpManager } from "./http-manager.ts";
export type { Manager, PlaceWatcher } from "./manager.ts";
