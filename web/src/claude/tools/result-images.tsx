"use client";

import type { ToolCall } from "../model/items.ts";

/** Pictures that a tool answered with: data of the conversation itself, nothing is fetched. */
export function ResultImages({ call }: { call: Pick<ToolCall, "name" | "result"> }) {
  const images = call.result?.images ?? [];
  if (images.length === 0) return null;
  return (
    <div className="flex flex-wrap gap-2 px-3 py-2">
      {images.map((image, index) => (
        // biome-ignore lint/performance/noImgElement: data of the conversation itself, nothing to fetch
        <img
          // biome-ignore lint/suspicious/noArrayIndexKey: pictures have no identity but their place
          key={index}
          src={image}
          alt={`From ${call.name}`}
          className="max-h-96 min-h-4 min-w-4 max-w-full rounded-md border bg-surface object-contain"
        />
      ))}
    </div>
  );
}
