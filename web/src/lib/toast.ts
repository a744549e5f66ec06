import type { ExternalToast, toast as sonner } from "sonner";

type Kind = "error" | "info" | "loading" | "success" | "warning";

const shown = Promise.withResolvers<typeof sonner>();
let onWanted: (() => void) | null = null;
let wanted = false;
let count = 0;

/** What shows messages is there, says components/ui/sonner.tsx. */
export const toasterIsThere: (toast: typeof sonner) => void = shown.resolve;

/** Calls `load` as soon as there is something to say; for components/late-toaster.tsx. */
export function onToastWanted(load: () => void): void {
  onWanted = load;
  if (wanted) load();
}

/** Returns the message's id, by which a later one takes its place. */
const say =
  (kind: Kind) =>
  (text: string, options: ExternalToast = {}): string | number => {
    const id = options.id ?? `message-${++count}`;
    wanted = true;
    onWanted?.();
    void shown.promise.then((toast) => toast[kind](text, { ...options, id }));
    return id;
  };

/** Short messages above the page, by sonner, which is fetched when the page has come up or has something to say. */
export const toast: Record<Kind, ReturnType<typeof say>> = {
  error: say("error"),
  info: say("info"),
  loading: say("loading"),
  success: say("success"),
  warning: say("warning"),
};
