import type { ChangeBase, ChangedFile, ChangeSide } from "@remote-claude/protocol";
import { messageOf } from "../../lib/errors.ts";
import { live } from "../../lib/live.ts";
import { toast } from "../../lib/toast.ts";
import { saveFile } from "../editor/file-content.ts";
import type { Hunk } from "./hunks.ts";
import type { Sides } from "./use-reviewed-file.ts";

const etagOf = (side: ChangeSide) => ("etag" in side ? side.etag : null);

interface Revert {
  readonly sessionId: string;
  readonly base: ChangeBase;
  readonly file: ChangedFile;
  readonly sides: Sides;
  /** null: the whole file. */
  readonly hunk: Hunk | null;
}

/** Takes a change back, and offers to undo that; says what went wrong. True when it was done. */
export async function revertChange({ sessionId, base, file, sides, hunk }: Revert): Promise<boolean> {
  const { original, current } = sides;
  // Where one side is missing there is one change only: the file itself.
  const part = original.kind === "text" && current.kind === "text" ? hunk : null;
  try {
    await live.command("changes.revert", sessionId, {
      base,
      path: file.path,
      from: file.from,
      originalEtag: etagOf(original),
      currentEtag: etagOf(current),
      hunk: part && { original: part.original, current: part.current },
    });
  } catch (error) {
    toast.error(`Nothing was reverted: ${messageOf(error)}`);
    return false;
  }
  const what = part === null ? `${file.path} is as it was.` : "The change was taken back.";
  if (current.kind !== "text" || file.from !== null) toast.success(what);
  else
    toast.success(what, {
      action: {
        label: "Undo",
        onClick: () => void undo({ sessionId, base, file, sides, hunk }, current.text),
      },
    });
  return true;
}

/** Brings back the text that was there, unless somebody has written another one since. */
async function undo({ sessionId, base, file, sides, hunk }: Revert, text: string): Promise<void> {
  try {
    const now = await live.command("changes.read", sessionId, { base, path: file.path, from: file.from });
    const etag = etagOf(now.current);
    const whole = hunk === null || sides.original.kind !== "text";
    if (whole && etag !== etagOf(sides.original)) {
      toast.error("The file has changed since: undo it in the editor.");
      return;
    }
    await saveFile(
      sessionId,
      file.path,
      text,
      etag === null ? { "If-None-Match": "*" } : { "If-Match": etag },
    );
  } catch (error) {
    toast.error(messageOf(error));
  }
}
