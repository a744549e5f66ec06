import { accessSync, constants, existsSync } from "node:fs";
import { join } from "node:path";
import type { AgentInfo, Handlers } from "@remote-claude/protocol";
import { ActJournal } from "./acts/index.ts";
import { createChanges } from "./changes/index.ts";
import { createChat } from "./chat/index.ts";
import { createClaude } from "./claude/index.ts";
import type { Config } from "./config.ts";
import type { AgentContext, AgentServices } from "./context.ts";
import { createFiles } from "./files/index.ts";
import { WorkspaceRoot } from "./files/workspace-root.ts";
import { startForwarder } from "./forwarder.ts";
import type { Logger } from "./lib/log.ts";
import { nodePty } from "./lib/node-pty.ts";
import { killRunningProcesses } from "./lib/run-process.ts";
import { sessionEnvironment } from "./session-environment.ts";
import { AgentSocket } from "./socket/agent-socket.ts";
import { createDispatch } from "./socket/dispatch.ts";
import { createTerminals } from "./terminals/index.ts";
import { versions } from "./versions.ts";
import { createWorkspace } from "./workspace/index.ts";
import { Snapshots } from "./workspace/snapshots.ts";

/** Where somebody waits for the session, the api is here by then. */
const aloneMs = 1_000;

export interface Agent {
  readonly info: AgentInfo;
  /** Ends terminals, commands and conversations; resolves when nothing of them runs. */
  stop(): Promise<void>;
}

/** Puts the areas together and listens. */
export async function startAgent(config: Config, log: Logger): Promise<Agent> {
  const root = new WorkspaceRoot(config.workspace);
  const forwarder = await startForwarder(config.egressPort, config.egressSocket, log);
  const environment = sessionEnvironment(config, forwarder.port);
  // Areas broadcast through the socket, and the socket serves their transfers: it is asked for when it is there.
  const services: AgentServices = {
    config,
    log,
    environment,
    broadcast: (type, payload) => socket.broadcast(type, payload),
  };
  const gitAvailable = isOnPath("git", environment.PATH ?? "");
  const snapshots = new Snapshots(services, root, gitAvailable);
  const acts = new ActJournal(config.stateDirectory, log);
  const files = createFiles(services, root, snapshots, acts);
  const socket = new AgentSocket(config, log, (request, response) => files.transfer(request, response));
  const terminals = createTerminals({
    ...services,
    resolveDirectory: (path) => root.resolveDirectory(path),
  });
  const changes = createChanges(services, root, gitAvailable);
  const chat = createChat(services, {}, changes.originals);
  const workspace = createWorkspace(services, root, snapshots, {
    terminals: terminals.countBusy,
    transfers: files.countTransfers,
  });
  const handlers: Handlers<"agent", AgentContext> = {
    ...terminals.handlers,
    ...files.handlers,
    ...workspace.handlers,
    ...changes.handlers,
    ...chat.handlers,
    "act.outcomes": ({ ids }) => ({ outcomes: acts.outcomes(ids) }),
    ...createClaude(services, root, chat).handlers,
    // Whatever fills a workspace may bring settings of a project along.
    "workspace.clone": (request, context) => {
      chat.forgetSpare();
      return workspace.handlers["workspace.clone"](request, context);
    },
    "file.open-transfer": (request, context) => {
      if (request.direction === "extract") chat.forgetSpare();
      return files.handlers["file.open-transfer"](request, context);
    },
  };
  const info: AgentInfo = {
    bootId: crypto.randomUUID(),
    agentVersion: versions.agent,
    claudeVersion: config.claudeBinary !== null && existsSync(config.claudeBinary) ? versions.claude : null,
    gitAvailable,
    permissionModes: config.place.permissionModes,
  };
  await socket.listen(createDispatch(handlers, log, acts), info, () => {
    files.watch();
    chat.settle();
    // While the api makes the session known, and before somebody can ask for a terminal.
    setImmediate(nodePty);
  });
  // In a place that stands ready nobody comes at once: it is there when somebody does.
  setTimeout(nodePty, aloneMs).unref();
  if (config.place.warmClaude) chat.warmAhead();
  return {
    info,
    stop: async () => {
      socket.close();
      files.stop();
      terminals.stop();
      killRunningProcesses();
      await chat.stop();
      forwarder.stop();
    },
  };
}

function isOnPath(program: string, path: string): boolean {
  return path.split(":").some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
