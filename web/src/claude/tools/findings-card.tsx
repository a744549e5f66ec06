"use client";

import { openFile } from "../../workbench/store.ts";
import type { ToolCall } from "../model/items.ts";
import { asFields, type Fields, listOf, numberOf, stringOf } from "../model/sdk.ts";
import { plural, toWorkspacePath } from "../model/tool-text.ts";
import { usePane } from "../pane-context.tsx";
import { ErrorText } from "./error-text.tsx";
import { ToolFrame } from "./tool-frame.tsx";

function Place({ finding }: { finding: Fields }) {
  const { cwd, hasEditor } = usePane();
  const file = stringOf(finding, "file");
  if (file === null) return null;
  const line = numberOf(finding, "line");
  const path = toWorkspacePath(file, cwd);
  const label = line === null ? file : `${file}:${line}`;
  if (!hasEditor || path === null || path === "") return <span className="claude-mono">{label}</span>;
  return (
    <button
      type="button"
      title="Open in editor"
      onClick={() => openFile(path, line === null ? {} : { line })}
      className="claude-mono text-left hover:text-clay hover:underline"
    >
      {label}
    </button>
  );
}

/** ReportFindings: what a review found, each with the place it is about. */
export function FindingsCard({ call }: { call: ToolCall }) {
  const findings = listOf(call.input, "findings")
    .map(asFields)
    .filter((finding) => finding !== null);
  return (
    <ToolFrame call={call} open title="Findings" aside={plural(findings.length, "finding")}>
      {findings.length > 0 && (
        <ol className="flex flex-col divide-y">
          {findings.map((finding, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: findings have no identity but their place
            <li key={index} className="px-3 py-2 text-[12.5px]">
              <p className="font-medium [overflow-wrap:anywhere]">
                {stringOf(finding, "summary") ?? "Finding"}
              </p>
              <p className="mt-0.5 flex flex-wrap gap-x-2 text-muted-foreground">
                <Place finding={finding} />
                {["severity", "category", "outcome"].map((name) => {
                  const value = stringOf(finding, name);
                  return value === null ? null : <span key={name}>{value.replaceAll("_", " ")}</span>;
                })}
              </p>
              <p className="mt-1 text-muted-foreground [overflow-wrap:anywhere]">
                {stringOf(finding, "failure_scenario")}
              </p>
            </li>
          ))}
        </ol>
      )}
      <ErrorText call={call} />
    </ToolFrame>
  );
}
