import { create } from "zustand";
import type { PromptItem } from "../model/items.ts";

/** The message that somebody wants to go back to before; `edit`: to send it again, changed. */
export interface GoBackTarget {
  readonly conversationId: string;
  readonly prompt: Pick<PromptItem, "messageId" | "text" | "attachments">;
  readonly edit: boolean;
}

/** Kept apart from the row that asks: rows out of sight are not drawn. */
export const useGoBack = create<{ target: GoBackTarget | null }>(() => ({ target: null }));

export const askToGoBack = (target: GoBackTarget): void => useGoBack.setState({ target });
export const closeGoBack = (): void => useGoBack.setState({ target: null });
