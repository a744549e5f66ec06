"use client";

import { isValidElement, memo, type ReactNode, useMemo } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { splitMarkdown } from "../model/markdown-blocks.ts";
import { CodeBlock } from "./code-block.tsx";
import { useThrottled } from "./use-throttled.ts";

const plugins = [remarkGfm];

function textOf(node: ReactNode): string {
  if (typeof node === "string" || typeof node === "number") return String(node);
  if (Array.isArray(node)) return node.map(textOf).join("");
  if (isValidElement<{ children?: ReactNode }>(node)) return textOf(node.props.children);
  return "";
}

const components: Components = {
  a: ({ href, children }) =>
    href === undefined || href === "" ? (
      <span>{children}</span>
    ) : (
      <a href={href} target="_blank" rel="noopener noreferrer nofollow">
        {children}
      </a>
    ),
  // Only a fenced block has a <pre>: its code is drawn in colours, with a button.
  pre: ({ children }) => {
    const child = Array.isArray(children) ? children[0] : children;
    const className = isValidElement<{ className?: string }>(child) ? (child.props.className ?? "") : "";
    const language = /language-(\S+)/.exec(className)?.[1] ?? null;
    return <CodeBlock code={textOf(children).replace(/\n$/, "")} language={language} />;
  },
  // Pictures would fetch from wherever a text says; the reader decides that by following a link.
  img: ({ src, alt }) => (
    <a href={typeof src === "string" ? src : undefined} target="_blank" rel="noopener noreferrer nofollow">
      {alt || "image"}
    </a>
  ),
  table: ({ children }) => (
    <div className="my-2 overflow-x-auto">
      <table>{children}</table>
    </div>
  ),
};

/** Nobody writes such a block by hand, and parsing it would hold the page up. */
const maxParsedLength = 16_000;
const chunkLength = 1000;

/** Text as it is; cut up, so that only its end is laid out anew when it grows. */
function PlainBlock({ text }: { text: string }) {
  const chunks = Array.from({ length: Math.ceil(text.length / chunkLength) }, (_, index) =>
    text.slice(index * chunkLength, (index + 1) * chunkLength),
  );
  return (
    <p className="whitespace-pre-wrap">
      {chunks.map((chunk, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: chunks are only ever added at the end
        <span key={index}>{chunk}</span>
      ))}
    </p>
  );
}

const Block = memo(function Block({ text }: { text: string }) {
  if (text.length > maxParsedLength) return <PlainBlock text={text} />;
  return (
    <ReactMarkdown remarkPlugins={plugins} components={components}>
      {text}
    </ReactMarkdown>
  );
});

/** A block that is still being written is drawn with every frame up to this length, then several times a second. */
const quickLength = 800;
const slowMs = 120;
/** Beyond this it waits as plain text until it is finished. */
const maxLiveLength = 4000;

/** The block that grows. Code needs no parsing; long text waits as it is. */
function GrowingBlock({ text }: { text: string }) {
  const shown = useThrottled(text, text.length > quickLength ? slowMs : 0);
  const fence = /^ {0,3}(?:`{3,}|~{3,})([^\s`]*)[^\n]*\n/.exec(shown);
  if (fence !== null) {
    const code = shown.slice(fence[0].length).replace(/\n?(?:`{3,}|~{3,})\s*$/, "");
    const language = fence[1] || null;
    return <CodeBlock code={code} language={shown.length > maxLiveLength ? null : language} />;
  }
  if (shown.length <= maxLiveLength) return <Block text={shown} />;
  return <PlainBlock text={shown} />;
}

/**
 * Markdown, without raw HTML. It is drawn block by block: while a text grows, the blocks before the last one stay
 * as they are.
 */
export const Markdown = memo(function Markdown({
  text,
  streaming = false,
}: {
  text: string;
  streaming?: boolean;
}) {
  const blocks = useMemo(() => splitMarkdown(text), [text]);
  return (
    <div className="claude-prose">
      {blocks.map((block, index) =>
        streaming && index === blocks.length - 1 ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: blocks are only ever added at the end
          <GrowingBlock key={index} text={block} />
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: blocks are only ever added at the end
          <Block key={index} text={block} />
        ),
      )}
    </div>
  );
});
