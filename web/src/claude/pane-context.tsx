"use client";

import { createContext, useContext } from "react";
import type { ConversationReader } from "./live/conversation-reader.ts";

/** What the parts of the pane share: whom they speak for, and what that person may do. */
export interface PaneContextValue {
  readonly sessionId: string;
  readonly conversationId: string;
  readonly reader: ConversationReader;
  /** Where Claude Code works; paths are shown relative to it. */
  readonly cwd: string | null;
  readonly canUse: boolean;
  readonly canAnswer: boolean;
  /** Files that are named can be opened beside it; not where a conversation is only reviewed. */
  readonly hasEditor: boolean;
  /** Those that the session's template allows. */
  readonly permissionModes: readonly string[];
}

const PaneContext = createContext<PaneContextValue | null>(null);

export const PaneProvider = PaneContext;

export function usePane(): PaneContextValue {
  const value = useContext(PaneContext);
  if (value === null) throw new Error("usePane outside of the Claude pane");
  return value;
}
