export { conversationCommands, conversationRelayChecks } from "./commands.ts";
export { conversationRoutes } from "./routes.ts";
