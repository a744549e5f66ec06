import type { TimelineItem, ToolItem } from "./items.ts";
import { blockKey, type PartialBlock, type Partials } from "./partials.ts";

/** The finished items, and behind them (or in their subagent's card) what is being written. */
export function withPartials(items: readonly TimelineItem[], partials: Partials): readonly TimelineItem[] {
  let result = items;
  for (const partial of partials.values()) {
    if (partial.blockType === "tool-output") {
      result = changeCall(result, partial.messageId, (call) => ({ ...call, output: partial.text })) ?? result;
      continue;
    }
    const item = itemOf(partial);
    if (item === null) continue;
    result =
      partial.parentToolUseId === null
        ? [...result, item]
        : (changeCall(result, partial.parentToolUseId, (call) => ({
            ...call,
            children: [...call.children, item],
          })) ?? result);
  }
  return result;
}

function itemOf(partial: PartialBlock): TimelineItem | null {
  const key = blockKey(partial.messageId, partial.block);
  const { text } = partial;
  if (partial.blockType === "tool-input") return { kind: "tool", key, call: writingCall(key, partial) };
  if (text.trim() === "") return null;
  if (partial.blockType === "text") return { kind: "text", key, text, streaming: true, aborted: false };
  return { kind: "thinking", key, text, streaming: true, durationMs: null };
}

function writingCall(key: string, { toolName, text }: PartialBlock): ToolItem["call"] {
  return {
    id: key,
    name: toolName ?? "",
    input: null,
    writing: text,
    state: "writing",
    result: null,
    startedAt: null,
    endedAt: null,
    question: null,
    progress: null,
    output: null,
    children: [],
  };
}

/** Copies only the way down to the call; null when it is not here. */
function changeCall(
  items: readonly TimelineItem[],
  callId: string,
  change: (call: ToolItem["call"]) => ToolItem["call"],
): TimelineItem[] | null {
  for (let index = items.length - 1; index >= 0; index -= 1) {
    const candidate = items[index];
    if (candidate?.kind !== "tool") continue;
    const { call } = candidate;
    const children = call.id === callId ? null : changeCall(call.children, callId, change);
    if (children === null && call.id !== callId) continue;
    const copy = [...items];
    copy[index] = { ...candidate, call: children === null ? change(call) : { ...call, children } };
    return copy;
  }
  return null;
}
