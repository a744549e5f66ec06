"use client";

import { Undo2Icon } from "lucide-react";
import { createContext, useContext, useMemo } from "react";
import { foldItems } from "../model/fold.ts";
import type { SetAsideItem } from "../model/items.ts";
import { useRowState } from "../timeline/row-memory.ts";
import { useItemView } from "../tools/item-view.ts";

const SetAsideContext = createContext(false);

/** Whether this stands in a part of the talk that Claude does not know any more. */
export const useIsSetAside = () => useContext(SetAsideContext);

const whatWords = {
  both: "the conversation and the files",
  conversation: "the conversation",
  files: "the files",
} as const;

const filesWords = (count: number) => `${count} ${count === 1 ? "file" : "files"} as before`;

/** Somebody went back: what was said since is folded up, and Claude does not know it any more. */
export function SetAside({ item }: { item: SetAsideItem }) {
  const [open, setOpen] = useRowState("set-aside", false);
  const ItemView = useItemView();
  const items = useMemo(() => foldItems(item.items), [item.items]);
  const messages = item.items.filter(({ kind }) => kind === "prompt" || kind === "text").length;
  const { by, what, prompt, files, fileCount } = item;
  return (
    <div className="my-3 rounded-lg border border-dashed px-3 py-2 text-[12px] text-muted-foreground">
      <p className="flex items-start gap-2">
        <Undo2Icon aria-hidden className="mt-0.5 size-3.5 shrink-0" />
        <span className="min-w-0 [overflow-wrap:anywhere]">
          {by ?? "Somebody"} took {whatWords[what]} back to before{" "}
          {prompt === null ? "a message" : `“${prompt}”`}
          {fileCount > 0 && (
            <span title={files.join("\n")}>
              {" · "}
              {filesWords(fileCount)}
            </span>
          )}
        </span>
      </p>
      {items.length > 0 && (
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="mt-1 ml-5.5 underline decoration-dotted underline-offset-2 hover:text-foreground"
        >
          {open ? "Hide what was set aside" : `Show what was set aside (${messages})`}
        </button>
      )}
      {open && (
        <div className="mt-2 border-l-2 pl-3 text-foreground opacity-75">
          <SetAsideContext value={true}>
            {items.map((inner) => (
              <ItemView key={inner.key} item={inner} />
            ))}
          </SetAsideContext>
        </div>
      )}
    </div>
  );
}
