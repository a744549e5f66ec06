import type { User } from "@remote-claude/protocol";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createElement, type FunctionComponent, type ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { CurrentUserProvider } from "../../lib/current-user.tsx";
import type { ConversationReader } from "../live/conversation-reader.ts";
import type { TimelineItem } from "../model/items.ts";
import { type PaneContextValue, PaneProvider } from "../pane-context.tsx";
import { type RowMemory, RowMemoryProvider } from "../timeline/row-memory.ts";
import { TimelineItemView } from "../timeline/timeline-item.tsx";
import { ItemViewProvider } from "../tools/item-view.ts";
import { alice, conversationId } from "./recordings.ts";

/** Everything that can be opened is. */
class AllOpen extends Map<string, unknown> {
  override has = (key: string) => /(open|thinking)/.test(key);
  override get = () => true;
}

const pane: PaneContextValue = {
  sessionId: conversationId,
  conversationId,
  reader: {} as ConversationReader,
  cwd: "/place/workspace",
  canUse: true,
  canAnswer: true,
  hasEditor: true,
  permissionModes: ["default", "acceptEdits", "plan", "auto"],
};

/** An element inside all that the pane's parts need around them, as the HTML of its first drawing. */
export function draw(element: ReactNode, options: { closed?: boolean } = {}): string {
  const memory: RowMemory = options.closed === true ? new Map() : new AllOpen();
  const user = alice as unknown as User;
  const within = (provider: unknown, props: object, children: ReactNode) =>
    createElement(provider as FunctionComponent<{ children: ReactNode }>, props as never, children);
  const layers: [unknown, object][] = [
    [QueryClientProvider, { client: new QueryClient() }],
    [CurrentUserProvider, { user }],
    [PaneProvider, { value: pane }],
    [ItemViewProvider, { value: TimelineItemView }],
    [RowMemoryProvider, { value: memory }],
  ];
  return renderToStaticMarkup(
    layers.reduceRight((inner, [provider, props]) => within(provider, props, inner), element),
  );
}

export const drawItem = (item: TimelineItem, options?: { closed?: boolean }) =>
  draw(createElement(TimelineItemView, { item }), options);

/** What a reader sees of it. */
export function textOf(html: string): string {
  const entities: Record<string, string> = { lt: "<", gt: ">", quot: '"', "#x27": "'", amp: "&" };
  return html
    .replace(/<meta[^>]*>/g, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/&(lt|gt|quot|#x27|amp);/g, (_, name: string) => entities[name] ?? "")
    .replace(/\s+/g, " ")
    .trim();
}
