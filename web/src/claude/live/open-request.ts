import { create } from "zustand";

/** A message of a conversation: its entry, and what its row is found by. */
export interface MessagePlace {
  readonly seq: number;
  readonly by: "person" | "claude";
  readonly messageId: string;
}

/** Somebody wants to see a conversation, perhaps at one message: from a search, or after a fork. */
export interface OpenRequest {
  readonly conversationId: string;
  readonly at: MessagePlace | null;
}

/** What the pane is to show, and then the timeline; each takes its own out when it has done so. */
export const useOpenRequest = create<{ open: OpenRequest | null; jump: OpenRequest | null }>(() => ({
  open: null,
  jump: null,
}));

export function openConversation(request: OpenRequest): void {
  useOpenRequest.setState({ open: request, jump: request.at === null ? null : request });
}
