"use client";

import type { ToolCall } from "../model/items.ts";
import { asFields, type Fields, listOf, stringOf } from "../model/sdk.ts";
import { subjectOf, verbOf } from "../model/tool-text.ts";
import { Markdown } from "../timeline/markdown.tsx";
import { ErrorText } from "./error-text.tsx";
import { ToolFrame } from "./tool-frame.tsx";

const isWebAddress = (text: string | null): text is string => text !== null && /^https?:\/\//i.test(text);

/** Links that a search found, wherever this version puts them. */
function linksOf(
  value: unknown,
  found: { title: string; url: string }[] = [],
): { title: string; url: string }[] {
  if (Array.isArray(value)) for (const item of value) linksOf(item, found);
  const fields: Fields | null = asFields(value);
  const url = stringOf(fields, "url");
  if (isWebAddress(url) && !found.some((link) => link.url === url)) {
    found.push({ title: stringOf(fields, "title") ?? url, url });
  }
  for (const name of ["results", "content"]) linksOf(listOf(fields, name), found);
  return found;
}

function Link({ url, title }: { url: string; title: string }) {
  return (
    <a
      href={url}
      target="_blank"
      rel="noopener noreferrer nofollow"
      className="text-clay underline-offset-2 hover:underline [overflow-wrap:anywhere]"
    >
      {title}
    </a>
  );
}

/** WebFetch and WebSearch: where it went, and what it found. */
export function WebCard({ call }: { call: ToolCall }) {
  const subject = subjectOf(call, null);
  const links = call.name === "WebFetch" ? [] : linksOf(call.result?.structured);
  const structured = asFields(call.result?.structured);
  const answer = stringOf(structured, "result") ?? (links.length === 0 ? call.result?.text : null) ?? null;
  return (
    <ToolFrame
      call={call}
      open={links.length > 0 && links.length <= 6}
      title={
        <>
          {verbOf(call)} <span className="claude-mono">{subject ?? "…"}</span>
        </>
      }
      aside={links.length > 0 ? `${links.length} results` : undefined}
    >
      {call.input !== null && (
        <div className="flex flex-col gap-1 px-3 py-2">
          {call.name === "WebFetch" && isWebAddress(subject) && <Link url={subject} title={subject} />}
          {links.map((link) => (
            <Link key={link.url} {...link} />
          ))}
          {call.state === "done" && answer !== null && <Markdown text={answer.slice(0, 20_000)} />}
        </div>
      )}
      <ErrorText call={call} />
    </ToolFrame>
  );
}
