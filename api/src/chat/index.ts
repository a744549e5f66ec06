export { titleOf } from "../recorder/index.ts";
export { announceChanges } from "./announce.ts";
export { type ChatCommandContext, chatCommands, chatRelayChecks } from "./commands.ts";
export { followTurn, SessionEnded } from "./follow-turn.ts";
export { measureTurns } from "./measure-turns.ts";
export { chatRoutes } from "./routes.ts";
export { sendPrompt } from "./send-prompt.ts";
export { type Chat, entriesAfter } from "./service.ts";
export type { TurnRequest } from "./turn-reader.ts";
