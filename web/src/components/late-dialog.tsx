"use client";

import type { ComponentType } from "react";
import { toast } from "../lib/toast.ts";
import { useLate } from "../lib/use-late.ts";

interface DialogProps {
  open: boolean;
  onOpenChange(open: boolean): void;
}

/** A dialog that is fetched when the page is up, or as soon as it is opened. `load` stays the same. */
export function LateDialog<Props extends DialogProps>({
  load,
  dialog,
}: {
  load: () => Promise<ComponentType<Props>>;
  dialog: Props;
}) {
  const onFailed = () => {
    dialog.onOpenChange(false);
    toast.error("That did not load. Are you connected?");
  };
  const Dialog = useLate(dialog.open, load, { onFailed });
  return Dialog !== null && <Dialog {...dialog} />;
}
