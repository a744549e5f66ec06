/** What lies over the page for a while, and takes the focus with it when it goes. */
const over = "[role=menu], [role=dialog], [role=alertdialog]";

/** Where the keyboard was last in the page itself. */
let last: HTMLElement | null = null;

/** The button that has opened the menu in which this lies: a press of the mouse does not give it the focus. */
function openerOf(element: HTMLElement): HTMLElement | null {
  const label = element.closest("[role=menu]")?.getAttribute("aria-labelledby");
  return label == null ? null : document.getElementById(label);
}

if (typeof document !== "undefined") {
  document.addEventListener("focusin", ({ target }) => {
    if (!(target instanceof HTMLElement)) return;
    const inPage = target.closest(over) === null ? target : openerOf(target);
    if (inPage?.closest(over) === null) last = inPage;
  });
}

/**
 * For a dialog that closes, or that did not come: the keyboard goes on where it was before. Dialogs that no button of
 * their own opens (from a menu, the palette, a key) would leave it nowhere, at the top of the page. Whoever was led
 * elsewhere meanwhile stays there.
 */
export function returnFocus(event?: Event): void {
  event?.preventDefault();
  const { activeElement } = document;
  if (activeElement !== null && activeElement !== document.body) return;
  // On a phone the keyboard would come up for nobody.
  const writes = last?.matches("input, textarea") === true;
  if (writes && window.matchMedia("(pointer: coarse)").matches) return;
  last?.focus({ preventScroll: true });
}
