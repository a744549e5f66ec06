import type { AgentInfo, Handlers } from "@remote-claude/protocol";
import pino from "pino";
import { createChat } from "../../../session-image/agent/src/chat/index.ts";
import { createClaude } from "../../../session-image/agent/src/claude/index.ts";
import { readConfig } from "../../../session-image/agent/src/config.ts";
import type { AgentContext, AgentServices } from "../../../session-image/agent/src/context.ts";
import { WorkspaceRoot } from "../../../session-image/agent/src/files/workspace-root.ts";
import { startForwarder } from "../../../session-image/agent/src/forwarder.ts";
import { sessionEnvironment } from "../../../session-image/agent/src/session-environment.ts";
import { AgentSocket } from "../../../session-image/agent/src/socket/agent-socket.ts";
import { createDispatch } from "../../../session-image/agent/src/socket/dispatch.ts";

/**
 * The agent's conversations alone, on its real socket, in a process of their own that can be killed. Unlike the
 * whole agent it can be told to be quick: CHAT_OPTIONS (JSON) for the chat, CLAUDE_ENVIRONMENT (JSON) for Claude
 * Code.
 */
const config = readConfig();
const log = pino({ level: config.logLevel });
const forwarder = await startForwarder(config.egressPort, config.egressSocket, log);
const environment = {
  ...sessionEnvironment(config, forwarder.port),
  ...(JSON.parse(process.env.CLAUDE_ENVIRONMENT ?? "{}") as Record<string, string>),
};
const socket = new AgentSocket(config, log, () => false);
const services: AgentServices = {
  config,
  log,
  environment,
  broadcast: (type, payload) => socket.broadcast(type, payload),
};
const chat = createChat(services, JSON.parse(process.env.CHAT_OPTIONS ?? "{}"));
const claude = createClaude(services, new WorkspaceRoot(config.workspace), chat);
const info: AgentInfo = {
  bootId: crypto.randomUUID(),
  agentVersion: "test",
  claudeVersion: null,
  gitAvailable: false,
  permissionModes: config.place.permissionModes,
};
const handlers = { ...chat.handlers, ...claude.handlers } as unknown as Handlers<"agent", AgentContext>;
await socket.listen(createDispatch(handlers, log, { perform: (_, work) => work() }), info, () => {});
log.info("listening");
process.once("SIGTERM", () => {
  const stopped = chat.stop();
  socket.close();
  void stopped.then(() => process.exit(0));
});
