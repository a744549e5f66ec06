"use client";

import { isValidElement, memo, type ReactNode, useMemo, useRef } from "react";
import ReactMarkdown, { type Components, defaultUrlTransform, type UrlTransform } from "react-markdown";
import remarkGfm from "remark-gfm";
import { cn } from "../../lib/utils.ts";
import { isDataImage } from "../model/links.ts";
import { type Blocks, growBlocks } from "../model/markdown-blocks.ts";
import { markMath } from "../model/math-text.ts";
import { CodeBlock } from "./code-block.tsx";
import { CodeSpan, TextImage, TextLink } from "./markdown-links.tsx";
import { Formula, useMathLibrary } from "./math.tsx";
import { MermaidBlock } from "./mermaid-block.tsx";
import { useThrottled } from "./use-throttled.ts";

const plugins = [remarkGfm];

function textOf(node: ReactNode): string {
  if (typeof node === "string" || typeof node === "number") return String(node);
  if (Array.isArray(node)) return node.map(textOf).join("");
  if (isValidElement<{ children?: ReactNode }>(node)) return textOf(node.props.children);
  return "";
}

const components: Components = {
  a: ({ href, children }) => <TextLink href={href}>{children}</TextLink>,
  code: ({ className, children }) => {
    const text = textOf(children);
    return isMath(className) ? <Formula tex={text} display={false} /> : <CodeSpan text={text} />;
  },
  // Only a fenced block has a <pre>: its code is drawn in colours, with a button; a formula or a diagram as such.
  pre: ({ children }) => {
    const child = Array.isArray(children) ? children[0] : children;
    const className = isValidElement<{ className?: string }>(child) ? (child.props.className ?? "") : "";
    const code = textOf(children).replace(/\n$/, "");
    if (isMath(className)) return <Formula tex={code} display />;
    const language = /language-(\S+)/.exec(className)?.[1] ?? null;
    if (language === "mermaid") return <MermaidBlock code={code} />;
    return <CodeBlock code={code} language={language} />;
  },
  // Of a list of tasks; the words beside it are no label of it.
  input: ({ checked }) => (
    <input
      type="checkbox"
      disabled
      checked={checked === true}
      aria-label={checked === true ? "Done" : "To do"}
    />
  ),
  img: ({ src, alt }) => <TextImage src={typeof src === "string" ? src : undefined} alt={alt ?? ""} />,
  table: ({ children }) => (
    <div className="my-2 overflow-x-auto">
      <table>{children}</table>
    </div>
  ),
};

const isMath = (className: string | undefined) => /\blanguage-math\b/.test(className ?? "");

/** Of what react-markdown lets through; pictures that stand in the text are wanted, too. */
const addressOf: UrlTransform = (address, name, node) =>
  node.tagName === "img" && name === "src" && isDataImage(address) ? address : defaultUrlTransform(address);

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
  const marked = useMemo(() => (text.length <= maxParsedLength ? markMath(text) : text), [text]);
  const math = useMathLibrary(marked.includes("$$"));
  if (text.length > maxParsedLength) return <PlainBlock text={text} />;
  return (
    <ReactMarkdown
      remarkPlugins={math === null ? plugins : [...plugins, math.mathPlugin]}
      components={components}
      urlTransform={addressOf}
    >
      {math === null ? text : marked}
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
 * Blocks that are closed stand in runs of this many, each an element of its own, so that a long text costs little to
 * grow: neither React nor the browser's layout and paint look at each block anew.
 */
const runLength = 32;

const sameBlocks = (before: { blocks: readonly string[] }, after: { blocks: readonly string[] }) =>
  before.blocks.length === after.blocks.length &&
  before.blocks.every((block, index) => block === after.blocks[index]);

const Run = memo(function Run({ blocks }: { blocks: readonly string[] }) {
  return (
    <div className="claude-run">
      {blocks.map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: blocks are only ever added at the end
        <Block key={index} text={block} />
      ))}
    </div>
  );
}, sameBlocks);

/**
 * Markdown, without raw HTML. It is drawn block by block: while a text grows, the blocks before the last one stay
 * as they are, and those that have left the screen cost the browser nothing.
 */
export const Markdown = memo(function Markdown({
  text,
  streaming = false,
}: {
  text: string;
  streaming?: boolean;
}) {
  const grown = useRef<Blocks | null>(null);
  grown.current = growBlocks(grown.current, text);
  const { blocks } = grown.current;
  const closed = streaming ? blocks.slice(0, -1) : blocks;
  const growing = streaming ? blocks.at(-1) : undefined;
  // Stays when the text is finished: to lay all of a long one out then would hold the page up.
  const grew = useRef(streaming);
  grew.current ||= streaming;
  return (
    <div className={cn("claude-prose", grew.current && "claude-grown")}>
      {Array.from({ length: Math.ceil(closed.length / runLength) }, (_, run) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: blocks are only ever added at the end
        <Run key={run} blocks={closed.slice(run * runLength, (run + 1) * runLength)} />
      ))}
      {growing !== undefined && <GrowingBlock key={blocks.length} text={growing} />}
    </div>
  );
});
