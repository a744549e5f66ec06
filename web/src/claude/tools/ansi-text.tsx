import { memo } from "react";
import { parseAnsi } from "../model/ansi.ts";

/** Terminal output with its colours. */
export const AnsiText = memo(function AnsiText({ text }: { text: string }) {
  return parseAnsi(text).map(({ text: run, style }, index) =>
    style === "" ? (
      run
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: runs have no identity but their place
      <span key={index} className={style}>
        {run}
      </span>
    ),
  );
});
