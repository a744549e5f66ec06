import { useSyncExternalStore } from "react";

/** A run of code in one colour; `style` is highlight.js' class names. */
export interface CodeToken {
  readonly text: string;
  readonly style: string;
}

interface HastNode {
  type: string;
  value?: string;
  tagName?: string;
  properties?: { className?: unknown };
  children?: HastNode[];
}

type Transform = (tree: never, file: never) => void;

/** Longer code stays without colours: colouring it would be felt. */
const maxLength = 40_000;
const maxCached = 300;

let transform: Transform | null = null;
let loading = false;
const listeners = new Set<() => void>();
const cache = new Map<string, readonly CodeToken[]>();

/** The grammars weigh more than the rest of the pane, so they come when there is code. */
function load(): void {
  if (loading) return;
  loading = true;
  import("rehype-highlight").then(
    ({ default: rehypeHighlight }) => {
      transform = rehypeHighlight({ detect: false }) as unknown as Transform;
      for (const listener of listeners) listener();
    },
    () => {
      // Code is readable without colours; the next piece of code tries again.
      loading = false;
    },
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  load();
  return () => listeners.delete(listener);
}

/** Code in colours, as soon as the grammars are there; until then, and in unknown languages, as it is. */
export function useHighlighted(code: string, language: string | null): readonly CodeToken[] {
  const ready = useSyncExternalStore(
    subscribe,
    () => transform !== null,
    () => false,
  );
  return ready && language !== null ? highlight(code, language) : [{ text: code, style: "" }];
}

function highlight(code: string, language: string): readonly CodeToken[] {
  if (transform === null || code.length > maxLength) return [{ text: code, style: "" }];
  const key = `${language}\n${code}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const element: HastNode = {
    type: "element",
    tagName: "code",
    properties: { className: [`language-${language}`] },
    children: [{ type: "text", value: code }],
  };
  const pre: HastNode = { type: "element", tagName: "pre", properties: {}, children: [element] };
  // rehype-highlight reports unknown languages to the file; there is nobody to tell here.
  transform({ type: "root", children: [pre] } as never, { message: () => undefined } as never);
  const tokens: CodeToken[] = [];
  flatten(element.children ?? [], "", tokens);
  if (cache.size >= maxCached) cache.clear();
  cache.set(key, tokens);
  return tokens;
}

function flatten(nodes: readonly HastNode[], style: string, tokens: CodeToken[]): void {
  for (const node of nodes) {
    if (node.value !== undefined) tokens.push({ text: node.value, style });
    const names = Array.isArray(node.properties?.className) ? node.properties.className.join(" ") : "";
    flatten(node.children ?? [], names || style, tokens);
  }
}

/** The tokens of each line. */
export function splitLines(tokens: readonly CodeToken[]): readonly (readonly CodeToken[])[] {
  const lines: CodeToken[][] = [[]];
  for (const { text, style } of tokens) {
    for (const [index, part] of text.split("\n").entries()) {
      if (index > 0) lines.push([]);
      if (part !== "") lines.at(-1)?.push({ text: part, style });
    }
  }
  return lines;
}

const languages: Readonly<Record<string, string>> = {
  ts: "typescript",
  mts: "typescript",
  cts: "typescript",
  tsx: "typescript",
  js: "javascript",
  mjs: "javascript",
  cjs: "javascript",
  jsx: "javascript",
  py: "python",
  rb: "ruby",
  rs: "rust",
  sh: "bash",
  zsh: "bash",
  yml: "yaml",
  md: "markdown",
  kt: "kotlin",
  cs: "csharp",
  htm: "xml",
  html: "xml",
  svg: "xml",
  h: "c",
  cc: "cpp",
  hpp: "cpp",
  toml: "ini",
  pl: "perl",
};

/** highlight.js' name for a file's language, or null. */
export function languageOfPath(path: string): string | null {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  if (name === "makefile") return "makefile";
  const dot = name.lastIndexOf(".");
  if (dot === -1) return null;
  const extension = name.slice(dot + 1);
  return languages[extension] ?? extension;
}
