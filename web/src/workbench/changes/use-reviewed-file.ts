import type { ChangedFile, Reply } from "@remote-claude/protocol";
import { useEffect, useState } from "react";
import { messageOf } from "../../lib/errors.ts";
import { live } from "../../lib/live.ts";
import { useWorkbench } from "../store.ts";
import { useChangesStore } from "./changes-store.ts";
import { baseOf } from "./use-changes.ts";

export type Sides = Reply<"changes.read">;

/** Both versions of the file that is reviewed; read again whenever it may have changed. What was read last stays. */
export function useReviewedFile(
  sessionId: string,
  file: ChangedFile,
): { sides: Sides | null; error: string | null } {
  const version = useChangesStore((state) => state.version);
  const kind = useChangesStore((state) => state.base);
  const conversationId = useWorkbench((state) => state.conversation);
  const { path, from } = file;
  const name = `${kind} ${kind === "commit" ? "" : conversationId} ${from} ${path}`;
  const [read, setRead] = useState<{ name: string; sides: Sides | null; error: string | null } | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: reads again with each version
  useEffect(() => {
    const base = baseOf(kind, conversationId);
    if (base === null) return;
    let current = true;
    live.command("changes.read", sessionId, { base, path, from }, { offline: "fail" }).then(
      (sides) => current && setRead({ name, sides, error: null }),
      (error: unknown) =>
        current &&
        setRead((before) => ({
          name,
          sides: before?.name === name ? before.sides : null,
          error: messageOf(error),
        })),
    );
    return () => {
      current = false;
    };
  }, [sessionId, name, version]);
  return read?.name === name ? read : { sides: null, error: null };
}
