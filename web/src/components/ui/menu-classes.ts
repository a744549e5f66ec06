/** What dropdown and context menus, selects and popovers look like. */
export const popClass =
  "z-50 overflow-hidden rounded-lg border bg-surface text-foreground shadow-pop outline-none data-[state=closed]:animate-out data-[state=closed]:fade-out-0 data-[state=open]:animate-in data-[state=open]:fade-in-0";

export const menuClass = `${popClass} min-w-44 max-h-[min(70dvh,26rem)] overflow-y-auto p-1`;

export const menuItemClass =
  "relative flex cursor-default select-none items-center gap-2 rounded-sm px-2 py-1.5 pointer-coarse:py-2.5 text-[13px] outline-none data-[disabled]:pointer-events-none data-[highlighted]:bg-hover data-[disabled]:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-muted-foreground";

export const menuDangerClass =
  "text-destructive data-[highlighted]:bg-destructive-soft [&_svg]:text-destructive";

export const menuLabelClass = "px-2 py-1.5 font-medium text-muted-foreground text-xs";
export const menuSeparatorClass = "-mx-1 my-1 h-px bg-border";
export const menuShortcutClass = "ml-auto pl-4 text-muted-foreground text-xs tracking-wide";
