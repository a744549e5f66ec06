/** A `ref` for a text box that opens where a person has just asked to write: they go on after what stands there. */
export function focusAtEnd(box: HTMLTextAreaElement | null): void {
  if (box === null) return;
  box.focus();
  box.setSelectionRange(box.value.length, box.value.length);
}
