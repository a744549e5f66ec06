export { createSocketServer, type Hub, type HubDependencies, startHub } from "./hub.ts";
export type { ApiHandlers, CommandContext } from "./types.ts";
