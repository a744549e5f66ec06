import type { SDKMessage } from "@anthropic-ai/claude-agent-sdk";

/** Signs of life that mean nothing once the moment has passed. They are many, so no journal keeps them. */
const transientTypes = new Set(["stream_event", "command_lifecycle", "keep_alive", "tool_progress"]);
const transientSubtypes = new Set(["thinking_tokens", "session_state_changed", "control_request_progress"]);

export function isTransient(message: SDKMessage): boolean {
  if (transientTypes.has(message.type)) return true;
  if (message.type !== "system") return false;
  return (
    transientSubtypes.has(message.subtype) ||
    (message.subtype === "status" && message.status === "requesting")
  );
}
