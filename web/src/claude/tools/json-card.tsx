"use client";

import { useMemo } from "react";
import type { ToolCall } from "../model/items.ts";
import { asFields, stringOf } from "../model/sdk.ts";
import { mcpName, subjectOf, verbOf } from "../model/tool-text.ts";
import { AnsiText } from "./ansi-text.tsx";
import { CollapsibleOutput } from "./collapsible-output.tsx";
import { ErrorText } from "./error-text.tsx";
import { FieldsView } from "./fields-view.tsx";
import { CodeBlockPlain } from "./plain-code.tsx";
import { ResultImages } from "./result-images.tsx";
import { ToolFrame } from "./tool-frame.tsx";

const maxJsonLength = 200_000;
/** Where Claude Code has put a picture, for the model; it stands below. */
const pictureNotes = /^\[Image: source: [^\]\n]*\]\n?/gm;

/** The first values of an input, as a hint beside the tool's name. */
function hintOf(call: ToolCall): string {
  const subject = subjectOf(call, null);
  if (subject !== null) return subject.split("\n")[0]?.slice(0, 120) ?? "";
  return Object.values(call.input ?? {})
    .filter((value) => typeof value === "string" || typeof value === "number")
    .map((value) => String(value).replaceAll("\n", " ").slice(0, 60))
    .slice(0, 2)
    .join(" · ");
}

/** JSON that is not too long; null for everything else. */
function parseJson(text: string): unknown {
  if (text.length > maxJsonLength || !/^\s*[[{]/.test(text)) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function Output({ call }: { call: ToolCall }) {
  const { result } = call;
  const json = useMemo(() => (result === null ? null : parseJson(result.text)), [result]);
  if (result === null || result.isError || result.text.trim() === "") return null;
  if (json !== null) {
    return (
      <div className="border-t bg-muted/40">
        <CodeBlockPlain code={JSON.stringify(json, null, 2)} language="json" />
      </div>
    );
  }
  // Some tools say the same for people, without what is meant for the model.
  const words = (stringOf(asFields(result.structured), "display") ?? result.text).replace(pictureNotes, "");
  if (words.trim() === "") return null;
  return (
    <CollapsibleOutput
      text={words}
      render={(shown) => <AnsiText text={shown} />}
      className="border-t bg-muted/40"
    />
  );
}

/** Any tool: whose it is, what went in and what came out, readable. */
export function JsonCard({ call }: { call: ToolCall }) {
  const { input, writing } = call;
  const mcp = mcpName(call.name);
  return (
    <ToolFrame
      call={call}
      open={(call.result?.images.length ?? 0) > 0}
      title={
        <>
          {mcp !== null && (
            <span
              title={`A tool of the MCP server ${mcp[0]}`}
              className="mr-1.5 rounded-sm bg-muted px-1 py-px text-[11px] text-muted-foreground"
            >
              {mcp[0]}
            </span>
          )}
          <span className="font-medium">{mcp === null ? verbOf(call) : mcp[1]}</span>{" "}
          <span className="text-muted-foreground">{hintOf(call)}</span>
        </>
      }
    >
      {input !== null && Object.keys(input).length > 0 && <FieldsView fields={input} />}
      {input === null && writing !== null && writing !== "" && (
        <CodeBlockPlain code={writing.slice(-4000)} language={null} />
      )}
      <Output call={call} />
      <ResultImages call={call} />
      <ErrorText call={call} />
    </ToolFrame>
  );
}
