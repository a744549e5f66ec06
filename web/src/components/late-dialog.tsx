"use client";

import type { ComponentType } from "react";
import { notLoaded } from "../lib/errors.ts";
import { toast } from "../lib/toast.ts";
import { useLate } from "../lib/use-late.ts";
// From the start: it notes where the keyboard is before a dialog comes.
import { returnFocus } from "./ui/return-focus.ts";

interface DialogProps {
  open: boolean;
  onOpenChange(open: boolean): void;
}

const never = () => new Promise<never>(() => {});

/**
 * A dialog that is fetched when it is opened; before that, where the page is up and `ahead` is not false. `load` stays
 * the same.
 */
export function LateDialog<Props extends DialogProps>({
  load,
  dialog,
  ahead = true,
}: {
  load: () => Promise<ComponentType<Props>>;
  dialog: Props;
  ahead?: boolean;
}) {
  const onFailed = () => {
    dialog.onOpenChange(false);
    returnFocus();
    toast.error(notLoaded);
  };
  const Dialog = useLate(dialog.open, load, ahead ? { onFailed } : { onFailed, after: never });
  return Dialog !== null && <Dialog {...dialog} />;
}
