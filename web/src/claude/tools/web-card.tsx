"use client";

import type { ToolCall } from "../model/items.ts";
import { asFields, type Fields, listOf, stringOf } from "../model/sdk.ts";
import { plural, subjectOf, verbOf } from "../model/tool-text.ts";
import { Markdown } from "../timeline/markdown.tsx";
import { ErrorText } from "./error-text.tsx";
import { ToolFrame } from "./tool-frame.tsx";

const isWebAddress = (text: string | null): text is string => text !== null && /^https?:\/\//i.test(text);

interface FoundLink {
  title: string;
  url: string;
}

const maxLinks = 100;

/** Links that a search found, wherever this version puts them. */
function linksOf(value: unknown, found: FoundLink[] = [], depth = 0): FoundLink[] {
  if (depth > 6 || found.length >= maxLinks) return found;
  if (Array.isArray(value)) for (const item of value) linksOf(item, found, depth + 1);
  const fields: Fields | null = asFields(value);
  if (fields === null) return found;
  const url = stringOf(fields, "url");
  if (isWebAddress(url) && !found.some((link) => link.url === url)) {
    found.push({ title: stringOf(fields, "title") ?? url, url });
  }
  for (const name of ["results", "content"]) linksOf(listOf(fields, name), found, depth + 1);
  return found;
}

/** What a search or a page said; without what is only meant for the model. */
function answerOf(call: ToolCall, links: readonly FoundLink[]): string | null {
  if (call.state !== "done" || call.result === null) return null;
  const structured = asFields(call.result.structured);
  const said = listOf(structured, "results").filter((item) => typeof item === "string");
  const words = stringOf(structured, "result") ?? (said.length > 0 ? said.join("\n\n") : null);
  if (words === null && links.length > 0) return null;
  return (words ?? call.result.text).replace(/\n*REMINDER: [^\n]*$/, "").trim() || null;
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
  const answer = answerOf(call, links);
  return (
    <ToolFrame
      call={call}
      open={links.length > 0 && links.length <= 6}
      title={
        <>
          {verbOf(call)} <span className="claude-mono">{subject ?? "…"}</span>
        </>
      }
      aside={links.length > 0 ? plural(links.length, "result") : undefined}
    >
      {call.input !== null && (
        <div className="flex flex-col gap-1 px-3 py-2">
          {call.name === "WebFetch" && isWebAddress(subject) && <Link url={subject} title={subject} />}
          {links.map((link) => (
            <Link key={link.url} {...link} />
          ))}
          {answer !== null && <Markdown text={answer.slice(0, 20_000)} />}
        </div>
      )}
      <ErrorText call={call} />
    </ToolFrame>
  );
}
