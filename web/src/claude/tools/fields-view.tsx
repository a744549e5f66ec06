"use client";

import type { Fields } from "../model/sdk.ts";
import { CodeBlockPlain } from "./plain-code.tsx";

/** More fields than that are shown as one piece of JSON. */
const maxFields = 30;
/** Longer words get lines of their own. */
const shortLength = 200;

const isPlain = (value: unknown): value is string | number | boolean | null =>
  value === null || typeof value === "number" || typeof value === "boolean" || isShort(value);
const isShort = (value: unknown) =>
  typeof value === "string" && value.length <= shortLength && !value.includes("\n");

/** A list of a few short words reads better as words. */
const isShortList = (value: unknown): value is unknown[] =>
  Array.isArray(value) && value.length > 0 && value.length <= 12 && value.every(isPlain);

function Value({ value }: { value: unknown }) {
  if (isPlain(value)) return <span className="claude-mono">{value === "" ? '""' : String(value)}</span>;
  if (isShortList(value)) return <span className="claude-mono">{value.map(String).join(", ")}</span>;
  if (typeof value === "string") return <CodeBlockPlain code={value} language={null} />;
  return <CodeBlockPlain code={JSON.stringify(value, null, 2) ?? ""} language="json" />;
}

/** Named values as a list that people can read: names on the left, long values below their name. */
export function FieldsView({ fields }: { fields: Fields }) {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  if (entries.length > maxFields)
    return <CodeBlockPlain code={JSON.stringify(fields, null, 2)} language="json" />;
  return (
    <dl className="flex flex-col gap-1 px-3 py-2 text-[12.5px]">
      {entries.map(([name, value]) => {
        const inline = isPlain(value) || isShortList(value);
        return (
          <div key={name} className={inline ? "flex items-baseline gap-2" : undefined}>
            <dt className="shrink-0 text-muted-foreground text-xs">{name}</dt>
            <dd
              className={inline ? "min-w-0 [overflow-wrap:anywhere]" : "mt-0.5 rounded-md border bg-muted/40"}
            >
              <Value value={value} />
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
