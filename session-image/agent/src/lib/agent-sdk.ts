import { createRequire } from "node:module";
import type * as AgentSdk from "@anthropic-ai/claude-agent-sdk";

/** Put in by the bundler: where the SDK lies beside the agent. */
declare const bundledSdkPath: string | undefined;

const require = createRequire(import.meta.url);
let loaded: typeof AgentSdk | undefined;

/** The Agent SDK, loaded when it is first needed: it weighs some 25 MB, and most sessions are idle. */
export function agentSdk(): typeof AgentSdk {
  loaded ??= require(
    typeof bundledSdkPath === "undefined" ? "@anthropic-ai/claude-agent-sdk" : bundledSdkPath,
  ) as typeof AgentSdk;
  return loaded;
}
