/** What egress says when a host may not be reached: it comes through pip, npm and WebFetch as it is. */
const sentences: readonly RegExp[] = [
  /The host (\S+) is not on this installation's allowlist; an administrator can allow it by adding (\S+) to EGRESS_ALLOWED_HOSTS or to the template's hosts\./,
  /Port \d+ of (\S+) is not open to [^;\n]{1,40}; an administrator can allow it by adding (\S+) to EGRESS_ALLOWED_HOSTS\./,
  /Sessions of this kind have no network access beyond Claude, so (\S+) cannot be reached/,
];

/** All that curl says of it, and whatever is built upon it: which host that was stands in the command alone. */
const wordless = /CONNECT tunnel failed, response 403/;

/** A way out of the session that the installation's policy has closed. */
export interface Refusal {
  readonly host: string;
  /**
   * What an administrator would add to the allowlist; null: the template allows no host at all. Absent where nobody
   * says why.
   */
  readonly allow?: string | null;
}

/** Outputs are long; egress' sentence is short and stands near an end of them. */
const looked = 20_000;

/** The refusal that a tool's answer tells of, or null. Only words: a session can say them, too. */
export function refusalIn(text: string, command = ""): Refusal | null {
  const ends = text.length <= 2 * looked ? text : `${text.slice(0, looked)}\n${text.slice(-looked)}`;
  for (const sentence of sentences) {
    const found = sentence.exec(ends);
    const [, host, allow] = found ?? [];
    if (host !== undefined) return { host: host.slice(0, 253), allow: allow?.slice(0, 260) ?? null };
  }
  const host = wordless.test(ends) ? onlyHostIn(command) : null;
  return host === null ? null : { host };
}

/** The host that a command names in its addresses, if it names one alone. */
function onlyHostIn(command: string): string | null {
  const addresses = command
    .slice(0, looked)
    .matchAll(/\bhttps:\/\/(?:[^\s/@'"]{0,200}@)?([\w.-]{1,253}(?::\d{1,5})?)/gi);
  const [host, ...others] = new Set([...addresses].map(([, name = ""]) => name.toLowerCase()));
  return host === undefined || others.length > 0 ? null : host;
}
