"use client";

import { useMemo } from "react";
import type { ToolCall } from "../model/items.ts";
import { verbOf } from "../model/tool-text.ts";
import { AnsiText } from "./ansi-text.tsx";
import { CollapsibleOutput } from "./collapsible-output.tsx";
import { ErrorText } from "./error-text.tsx";
import { CodeBlockPlain } from "./plain-code.tsx";
import { ToolFrame } from "./tool-frame.tsx";

/** The first values of an input, as a hint beside the tool's name. */
function hintOf(input: ToolCall["input"]): string {
  return Object.values(input ?? {})
    .filter((value) => typeof value === "string" || typeof value === "number")
    .map((value) => String(value).replaceAll("\n", " ").slice(0, 60))
    .slice(0, 2)
    .join(" · ");
}

/** JSON that is not too long is laid out; everything else stays as it came. */
function layOut(text: string): string {
  if (text.length > 200_000 || !/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** Any tool: what went in and what came out, readable. */
export function JsonCard({ call }: { call: ToolCall }) {
  const { input, result } = call;
  const json = useMemo(() => (input === null ? "" : JSON.stringify(input, null, 2)), [input]);
  const output = useMemo(() => (result === null || result.isError ? "" : layOut(result.text)), [result]);
  return (
    <ToolFrame
      call={call}
      title={
        <>
          <span className="font-medium">{verbOf(call)}</span>{" "}
          <span className="text-muted-foreground">{hintOf(input)}</span>
        </>
      }
    >
      {json !== "" && json !== "{}" && <CodeBlockPlain code={json} language="json" />}
      {output !== "" && (
        <CollapsibleOutput
          text={output}
          render={(shown) => <AnsiText text={shown} />}
          className="border-t bg-muted/40"
        />
      )}
      {result?.images.map((image) => (
        // biome-ignore lint/performance/noImgElement: data of the conversation itself, nothing to fetch
        <img
          key={image.slice(0, 200)}
          src={image}
          alt={`From ${call.name}`}
          className="max-h-96 max-w-full p-2"
        />
      ))}
      <ErrorText call={call} />
    </ToolFrame>
  );
}
