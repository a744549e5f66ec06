/** Quoted where it must be; what a spreadsheet would take for a formula is text (people and sessions choose names). */
export function cell(value: string | number): string {
  const text = typeof value === "string" && /^\s*[=+\-@]|^[\t\r\n]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A line of a table, without its end. */
export const csvLine = (values: readonly (string | number)[]): string => values.map(cell).join(",");
