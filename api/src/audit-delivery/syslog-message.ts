import { type AuditRow, lineOf } from "../seals/index.ts";

/** RFC 5424: log audit. */
const facility = 13;
const severities: Readonly<Record<string, number>> = { success: 6, refused: 4, failed: 3 };

/** What a header field may hold: printable ASCII without spaces, so many characters; `-` where there is nothing. */
const field = (value: string, max: number) => value.replace(/[^\x21-\x7e]/g, "").slice(0, max) || "-";

/** JSON in ASCII alone: then no receiver need guess its encoding, and none is told by a byte order mark. */
const ascii = (json: string) =>
  json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** A row as RFC 5424 has it: the action as MSGID, the result as severity, the row itself as JSON. */
export function syslogMessage(row: AuditRow, hostname: string): string {
  const priority = facility * 8 + (severities[row.result] ?? 6);
  const header = `<${priority}>1 ${row.at} ${field(hostname, 255)} remote-claude - ${field(row.action, 32)} -`;
  return `${header} ${ascii(lineOf(row))}`;
}

/** RFC 5425: the length in bytes goes before each message. The text is ASCII. */
export const frame = (message: string) => `${message.length} ${message}`;
