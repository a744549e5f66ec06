"use client";

import { ImageIcon } from "lucide-react";
import type { ReactNode } from "react";
import { openFile } from "../../workbench/store.ts";
import { filePlaceOf, isDataImage, looksLikeFile } from "../model/links.ts";
import { usePane } from "../pane-context.tsx";
import { useWorkspaceImage } from "./use-workspace-image.ts";

/** A link of a text: to a file of the workspace it opens that, else it leads out of the page. */
export function TextLink({ href, children }: { href: string | undefined; children: ReactNode }) {
  const { cwd, hasEditor } = usePane();
  if (href === undefined || href === "") return <span>{children}</span>;
  const place = filePlaceOf(href, cwd);
  if (place !== null && !hasEditor) return <span title={place.path}>{children}</span>;
  if (place !== null) {
    return (
      <button
        type="button"
        title={`Open ${place.path}`}
        onClick={() => open(place)}
        className="claude-link text-left"
      >
        {children}
      </button>
    );
  }
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}

const open = ({ path, line }: { path: string; line: number | null }) =>
  openFile(path, line === null ? {} : { line });

/** A span of code; the name of a file opens it. */
export function CodeSpan({ text }: { text: string }) {
  const { cwd, hasEditor } = usePane();
  const place = hasEditor && looksLikeFile(text) ? filePlaceOf(text, cwd) : null;
  if (place === null) return <code>{text}</code>;
  return (
    <code>
      <button
        type="button"
        title={`Open ${place.path}`}
        onClick={() => open(place)}
        className="hover:underline"
      >
        {text}
      </button>
    </code>
  );
}

/** A picture of the workspace, at most as wide as the text. */
function WorkspaceImage({ path, alt }: { path: string; alt: string }) {
  const { sessionId } = usePane();
  const url = useWorkspaceImage(sessionId, path);
  const label = alt || path;
  return (
    <button
      type="button"
      title={`Open ${path}`}
      onClick={() => openFile(path)}
      className="claude-link text-left"
    >
      {url === null ? (
        <ImageLabel text={label} />
      ) : (
        // biome-ignore lint/performance/noImgElement: a blob of the session's own file
        <img src={url} alt={label} className="max-h-96 max-w-full rounded-md border bg-surface" />
      )}
    </button>
  );
}

const ImageLabel = ({ text }: { text: string }) => (
  <>
    <ImageIcon aria-hidden className="mr-1 inline size-3.5 align-[-0.15em]" />
    {text}
  </>
);

/**
 * A picture of a text. Those of the workspace and those in the text itself are shown; any other would be fetched
 * from wherever the text says, and tell who reads it: the reader decides that by following a link.
 */
export function TextImage({ src, alt }: { src: string | undefined; alt: string }) {
  const { cwd, hasEditor } = usePane();
  if (src === undefined || src === "") return <span>{alt}</span>;
  if (isDataImage(src)) {
    // biome-ignore lint/performance/noImgElement: it stands in the text, nothing to fetch
    return <img src={src} alt={alt} className="max-h-96 max-w-full rounded-md border bg-surface" />;
  }
  const place = filePlaceOf(src, cwd);
  if (place !== null && !hasEditor) return <ImageLabel text={alt || place.path} />;
  if (place !== null) return <WorkspaceImage path={place.path} alt={alt} />;
  return (
    <a href={src} title={src} target="_blank" rel="noopener noreferrer nofollow">
      <ImageLabel text={alt || "image"} />
    </a>
  );
}
