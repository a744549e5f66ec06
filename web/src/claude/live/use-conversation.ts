"use client";

import { useEffect, useRef } from "react";
import { useStore } from "zustand";
import { live } from "../../lib/live.ts";
import { ConversationReader, type Reading } from "./conversation-reader.ts";

/** Readers by conversation, for as long as the page shows its session: going back to one shows it at once. */
const readers = new Map<string, ConversationReader>();
const maxReaders = 12;

function readerOf(sessionId: string, conversationId: string, exists: boolean): ConversationReader {
  const reader =
    readers.get(conversationId) ?? new ConversationReader({ live, sessionId, conversationId, exists });
  // Last used, last in the map: the first ones are forgotten.
  readers.delete(conversationId);
  readers.set(conversationId, reader);
  for (const oldest of readers.keys()) {
    if (readers.size <= maxReaders) break;
    readers.delete(oldest);
  }
  return reader;
}

/**
 * Reads a conversation while the component is mounted; `epoch` is the session's: when it changes, the reader asks
 * where things stand.
 */
export function useConversation(
  sessionId: string,
  conversationId: string,
  options: { exists: boolean; epoch: number },
): { reader: ConversationReader; reading: Reading } {
  const { exists, epoch } = options;
  const reader = readerOf(sessionId, conversationId, exists);
  const reading = useStore(reader.store);
  useEffect(() => reader.start(), [reader]);
  const first = useRef(epoch);
  useEffect(() => {
    if (first.current === epoch) return;
    first.current = epoch;
    reader.sync();
  }, [reader, epoch]);
  return { reader, reading };
}
