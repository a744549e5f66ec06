/** What egress says when a host may not be reached: it comes through pip, npm, wget and WebFetch as it is. */
const sentences: readonly RegExp[] = [
  /The host (\S+) is not on this installation's allowlist; an administrator can allow it by adding (\S+) to EGRESS_ALLOWED_HOSTS or to the template's hosts\./,
  /(Port \d+ of \S+) is not open to [^;\n]{1,40}; an administrator can allow it by adding (\S+) to EGRESS_ALLOWED_HOSTS\./,
  /(?<![\w.:[\]-])([\w.:[\]-]{1,263}) leads to a private address, which sessions may not reach; an administrator can allow it by adding (\S+) to EGRESS_ALLOWED_HOSTS\./,
  /Sessions of this kind have no network access beyond Claude, so (\S+) cannot be reached/,
];
const spoken = new RegExp(sentences.map(({ source }) => source).join("|"), "g");

/** All that curl and Node say of it, and whatever is built upon them: which host that was stands in the command alone. */
const wordless =
  /CONNECT tunnel failed, response 403|Received HTTP code 403 from proxy after CONNECT|Proxy response \(403\)/g;

/** All that WebFetch says of it, and of a proxy that could not reach the host as well. */
const undecided = /^\s*(Error: )?proxy refused the connection\W*$/;

/** Ways out of the session that the installation's policy has closed. */
export interface Refusal {
  /** What may not be reached: a host, or a port of it. */
  readonly hosts: readonly string[];
  /**
   * What an administrator would add to the allowlist; null: the template allows no host at all. Absent where nobody
   * says why.
   */
  readonly allow?: readonly string[] | null;
  /** Not each of the hosts was refused, and nobody says which. */
  readonly someOf?: true;
}

/** Outputs are long; egress' sentence is short and stands near an end of them. */
const looked = 20_000;
const maxNamed = 5;

/** The refusal that a tool's answer tells of, or null. Only words: a session can say them, too. */
export function refusalIn(text: string, command = ""): Refusal | null {
  const ends = text.length <= 2 * looked ? text : `${text.slice(0, looked)}\n${text.slice(-looked)}`;
  return spokenIn(ends) ?? guessedFrom(command, [...ends.matchAll(wordless)].length);
}

function spokenIn(text: string): Refusal | null {
  const told = new Map<string, string | null>();
  for (const [, ...groups] of text.matchAll(spoken)) {
    const [what, allow] = groups.filter((group) => group !== undefined);
    if (what === undefined) continue;
    told.set(what.slice(0, 263).replace(/^Port/, "port"), allow?.slice(0, 260) ?? null);
    if (told.size === maxNamed) break;
  }
  if (told.size === 0) return null;
  const allow = new Set([...told.values()].filter((entry) => entry !== null));
  return { hosts: [...told.keys()], allow: allow.size === 0 ? null : [...allow] };
}

/** By the command's addresses: where as many calls failed as it names hosts, each of them was refused. */
function guessedFrom(command: string, failures: number): Refusal | null {
  const hosts = hostsIn(command);
  if (failures === 0 || hosts.length === 0) return null;
  return { hosts: hosts.slice(0, maxNamed), ...(failures < hosts.length ? { someOf: true } : {}) };
}

function hostsIn(command: string): string[] {
  const addresses = command
    .slice(0, looked)
    .matchAll(/\bhttps:\/\/(?:[^\s/@'"]{0,200}@)?((?:\[[\da-f:.]{2,45}\]|[\w.-]{1,253})(?::\d{1,5})?)/gi);
  return [...new Set([...addresses].map(([, name = ""]) => name.toLowerCase()))];
}

/** The host of an address that WebFetch was kept from, as a rule because the session may not reach it; else null. */
export function hostKeptFrom(text: string, url: string): string | null {
  return undecided.test(text.slice(0, 200)) && URL.canParse(url) ? new URL(url).host.slice(0, 253) : null;
}
