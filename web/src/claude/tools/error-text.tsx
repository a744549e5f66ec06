import type { ToolCall } from "../model/items.ts";
import { AnsiText } from "./ansi-text.tsx";
import { CollapsibleOutput } from "./collapsible-output.tsx";

type Failed = Pick<ToolCall, "state" | "result">;

/** What a tool said that failed, without the wrapping that is meant for the model; empty if it did not. */
export const errorOf = ({ state, result }: Failed): string =>
  state === "failed" && result !== null ? result.text.replace(/<\/?tool_use_error>/g, "").trim() : "";

/** All that a tool said that failed. */
export function ErrorText({ call }: { call: Failed }) {
  const text = errorOf(call);
  if (text === "") return null;
  return (
    <CollapsibleOutput
      text={text}
      render={(shown) => <AnsiText text={shown} />}
      className="bg-destructive-soft/50 text-destructive"
    />
  );
}
