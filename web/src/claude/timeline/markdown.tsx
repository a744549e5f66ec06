"use client";

import { isValidElement, memo, type ReactNode, useMemo } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { splitMarkdown } from "../model/markdown-blocks.ts";
import { CodeBlock } from "./code-block.tsx";

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

const Block = memo(function Block({ text }: { text: string }) {
  return (
    <ReactMarkdown remarkPlugins={plugins} components={components}>
      {text}
    </ReactMarkdown>
  );
});

/** A block that is still being written is parsed again with every frame; beyond this it waits as plain text. */
const maxLiveBlock = 6000;

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
        streaming && index === blocks.length - 1 && block.length > maxLiveBlock ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: blocks are only ever added at the end
          <p key={index} className="whitespace-pre-wrap">
            {block}
          </p>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: blocks are only ever added at the end
          <Block key={index} text={block} />
        ),
      )}
    </div>
  );
});
