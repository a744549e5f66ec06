"use client";

import { Columns2Icon, FileCodeIcon, Rows2Icon } from "lucide-react";
import { useMemo } from "react";
import { z } from "zod";
import { Button } from "../../components/ui/button.tsx";
import { usePreference } from "../../lib/preferences.ts";
import { openFile } from "../../workbench/store.ts";
import { diffOf, isPlanFile } from "../model/diff.ts";
import type { ToolCall } from "../model/items.ts";
import { readPartialString } from "../model/partial-json.ts";
import { subjectOf, toWorkspacePath, verbOf } from "../model/tool-text.ts";
import { usePane } from "../pane-context.tsx";
import { DiffView } from "./diff-view.tsx";
import { ErrorText } from "./error-text.tsx";
import { ToolFrame } from "./tool-frame.tsx";

const DiffLayout = z.enum(["inline", "sides"]);

/** Edit, Write, MultiEdit, NotebookEdit: the change as a diff. */
export function EditCard({ call }: { call: ToolCall }) {
  const { cwd, hasEditor } = usePane();
  const { name, input, result, state } = call;
  const diff = useMemo(() => diffOf({ name, input, result }), [name, input, result]);
  const subject = subjectOf(call, cwd);
  const path = diff === null ? null : toWorkspacePath(diff.path, cwd);
  const isPlan = isPlanFile(diff?.path);
  const verb = diff?.isNew === true && state === "done" && !isPlan ? "Created" : verbOf(call);
  const firstLine =
    diff?.hunks[0]?.find(({ type, after }) => type !== "same" && after !== null)?.after ?? null;
  const [layout, setLayout] = usePreference("claude.diff", DiffLayout, "inline");
  const sides = layout === "sides";
  const bothSides =
    diff !== null && diff.removed > 0 && diff.added > 0 && state !== "writing" && state !== "failed";
  return (
    <ToolFrame
      call={call}
      // Claude's plan is shown when it asks to begin: here it would be read twice.
      open={!isPlan}
      title={
        <>
          {/* The place of Claude's plan is nobody's concern, and its name no name. */}
          {isPlan ? (
            `${verb} the plan`
          ) : (
            <>
              {verb} <span className="claude-mono font-medium">{subject ?? "…"}</span>
            </>
          )}
          {state === "writing" && subject !== null && " …"}
        </>
      }
      aside={
        diff !== null &&
        state !== "failed" && (
          <span className="claude-mono">
            {diff.added > 0 && <span className="text-success">+{diff.added}</span>}{" "}
            {diff.removed > 0 && <span className="text-destructive">−{diff.removed}</span>}
          </span>
        )
      }
      actions={
        <>
          {bothSides && (
            <Button
              variant="quiet"
              size="icon-sm"
              aria-pressed={sides}
              aria-label="Side by side"
              title={sides ? "Show in one column" : "Show side by side"}
              onClick={() => setLayout(sides ? "inline" : "sides")}
            >
              {sides ? <Rows2Icon /> : <Columns2Icon />}
            </Button>
          )}
          {hasEditor && path !== null && path !== "" && (
            <Button
              variant="quiet"
              size="icon-sm"
              aria-label={`Open ${path} in the editor`}
              title="Open in editor"
              onClick={() => openFile(path, firstLine === null ? {} : { line: firstLine })}
            >
              <FileCodeIcon />
            </Button>
          )}
        </>
      }
    >
      {state === "writing" ? (
        <Growing writing={call.writing ?? ""} />
      ) : (
        diff !== null && (
          <>
            {state !== "failed" && <DiffView diff={diff} sides={bothSides && sides} />}
            <ErrorText call={call} />
          </>
        )
      )}
    </ToolFrame>
  );
}

/** The end of the content that is being written right now. */
function Growing({ writing }: { writing: string }) {
  const text =
    readPartialString(writing, "content") ??
    readPartialString(writing, "new_string") ??
    readPartialString(writing, "new_source") ??
    "";
  if (text === "") return null;
  return (
    <pre className="claude-mono overflow-hidden whitespace-pre-wrap break-words px-3 py-2 text-muted-foreground">
      {text.slice(-4000).split("\n").slice(-8).join("\n")}
    </pre>
  );
}
