import { type ComponentType, createContext, useContext } from "react";
import type { TimelineItem } from "../model/items.ts";

type ItemView = ComponentType<{ item: TimelineItem }>;

const ItemViewContext = createContext<ItemView>(() => null);

/** How one item is drawn. Given from above: a subagent's card shows items, and is one itself. */
export const ItemViewProvider = ItemViewContext;

export const useItemView = () => useContext(ItemViewContext);
