"use client";

import { memo, useMemo } from "react";
import { CopyButton } from "./copy-button.tsx";
import { lazyLibrary } from "./lazy.ts";

/** KaTeX weighs more than the rest of the pane: it comes with the first formula. */
export const useMathLibrary = lazyLibrary(() => import("./math-library.ts"));

/** A formula; as it was written where it cannot be set. */
export const Formula = memo(function Formula({ tex, display }: { tex: string; display: boolean }) {
  const library = useMathLibrary(true);
  const html = useMemo(() => library?.renderMath(tex, display) ?? null, [library, tex, display]);
  if (html === null) return <code>{tex}</code>;
  // biome-ignore lint/security/noDangerouslySetInnerHtml: KaTeX's own markup, not what Claude wrote
  const set = <span dangerouslySetInnerHTML={{ __html: html }} />;
  if (!display) return set;
  return (
    <div className="group/formula relative my-2 overflow-x-auto overflow-y-hidden py-1">
      {set}
      <CopyButton
        text={tex}
        label="Copy formula"
        className="absolute top-0 right-0 opacity-0 focus-visible:opacity-100 group-hover/formula:opacity-100"
      />
    </div>
  );
});
