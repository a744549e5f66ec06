"use client";

import type { Payload } from "@remote-claude/protocol";
import { useState } from "react";
import { messageOf } from "../../lib/errors.ts";
import { live } from "../../lib/live.ts";
import { toast } from "../../lib/toast.ts";
import { usePane } from "../pane-context.tsx";

export type SettingsChange = Omit<Payload<"chat.configure">, "conversationId">;

/**
 * Changes what the conversation is told. `wanted` is what was asked for and is not confirmed yet, to be shown at
 * once. Answers whether it was done; why not is told already.
 */
export function useConfigure() {
  const { sessionId, conversationId, reader } = usePane();
  const [wanted, setWanted] = useState<SettingsChange>({});
  const configure = async (change: SettingsChange): Promise<boolean> => {
    setWanted(change);
    try {
      await reader.ensureCreated();
      await live.command("chat.configure", sessionId, { conversationId, ...change });
      return true;
    } catch (error) {
      toast.error(messageOf(error));
      return false;
    } finally {
      setWanted({});
    }
  };
  return { wanted, configure };
}
