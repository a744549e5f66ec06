/** What egress says when a host may not be reached: it comes through curl, git, npm and WebFetch as it is. */
const sentences: readonly RegExp[] = [
  /The host (\S+) is not on this installation's allowlist; an administrator can allow it by adding (\S+) to EGRESS_ALLOWED_HOSTS or to the template's hosts\./,
  /Port \d+ of (\S+) is not open to [^;\n]{1,40}; an administrator can allow it by adding (\S+) to EGRESS_ALLOWED_HOSTS\./,
  /Sessions of this kind have no network access beyond Claude, so (\S+) cannot be reached/,
];

/** A way out of the session that the installation's policy has closed. */
export interface Refusal {
  readonly host: string;
  /** What an administrator would add to the allowlist; null: the template allows no host at all. */
  readonly allow: string | null;
}

/** Outputs are long; egress' sentence is short and stands near an end of them. */
const looked = 20_000;

/** The refusal that a tool's answer tells of, or null. Only words: a session can say them, too. */
export function refusalIn(text: string): Refusal | null {
  const ends = text.length <= 2 * looked ? text : `${text.slice(0, looked)}\n${text.slice(-looked)}`;
  for (const sentence of sentences) {
    const found = sentence.exec(ends);
    const [, host, allow] = found ?? [];
    if (host !== undefined) return { host: host.slice(0, 253), allow: allow?.slice(0, 260) ?? null };
  }
  return null;
}
