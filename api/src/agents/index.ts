export { createAgents } from "./agents.ts";
export type { AgentConnector } from "./connector.ts";
export type { Agents, RequestOptions, TransferRead, WriteRequest } from "./types.ts";
export { NotSent } from "./types.ts";
export { unixConnector } from "./unix-connector.ts";
