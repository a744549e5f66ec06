import type { ToolCall } from "../model/items.ts";
import { AnsiText } from "./ansi-text.tsx";
import { CollapsibleOutput } from "./collapsible-output.tsx";

/** What a tool said that failed, without the wrapping that is meant for the model. */
export function ErrorText({ call }: { call: Pick<ToolCall, "state" | "result"> }) {
  if (call.state !== "failed" || call.result === null) return null;
  const text = call.result.text.replace(/<\/?tool_use_error>/g, "").trim();
  if (text === "") return null;
  return (
    <CollapsibleOutput
      text={text}
      render={(shown) => <AnsiText text={shown} />}
      className="bg-destructive-soft/50 text-destructive"
    />
  );
}
