export { titleOf } from "../recorder/index.ts";
export { announceChanges } from "./announce.ts";
export { type ChatCommandContext, chatCommands, chatRelayChecks } from "./commands.ts";
export { chatRoutes } from "./routes.ts";
export { type Chat, entriesAfter } from "./service.ts";
export { followTurn, sendPrompt, type TurnRequest } from "./turns.ts";
