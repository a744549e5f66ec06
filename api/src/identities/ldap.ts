import { isIP } from "node:net";
import { AppError, findAddress, type Identity } from "@remote-claude/protocol";
import { Client, type Entry, InvalidCredentialsError, NoSuchObjectError } from "ldapts";
import type { LdapConfig } from "../sign-in-config/index.ts";

const timeoutMs = 10_000;
/** One more than is needed: two people who fit are nobody. */
const sizeLimit = 2;
const maxGroups = 1000;

/** RFC 4515: whatever could end or widen the filter is written as its bytes. */
export function escapeFilter(value: string): string {
  return [...Buffer.from(value, "utf8")]
    .map((byte) => {
      const plain = byte >= 0x20 && byte < 0x7f && !"\\*()".includes(String.fromCharCode(byte));
      return plain ? String.fromCharCode(byte) : `\\${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");
}

const fill = (filter: string, values: Record<string, string>) =>
  filter.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? escapeFilter(values[name] ?? "") : whole,
  );

/**
 * Looks the person up and binds as them; null for a wrong name or password. Throws when the directory is away, and
 * what `onFound` throws, which is called with the entry's own id before the password is tried.
 */
export async function authenticateByLdap(
  config: LdapConfig,
  login: string,
  password: string,
  onFound: (subject: string) => Promise<void>,
): Promise<Identity | null> {
  // A bind without a password is an anonymous one, which succeeds.
  if (password === "") return null;
  return withClient(config, async (searcher) => {
    await bindSearcher(config, searcher);
    const person = await findPerson(config, searcher, login);
    if (person !== null) await onFound(valuesOf(person, config.attributes.id)[0] ?? person.dn.toLowerCase());
    // Somebody who is not there is bound as well: it takes as long.
    const dn = person?.dn ?? `cn=nobody,${config.baseDn}`;
    const bound = await withClient(config, (client) => bindAs(client, dn, password));
    if (person === null || !bound) return null;
    return toIdentity(config, person, await findGroups(config, searcher, person, login));
  });
}

/** For “test connection”: whether the directory can be searched. Throws AppError with what is wrong. */
export async function probeLdap(config: LdapConfig): Promise<void> {
  await withClient(config, async (client) => {
    await bindSearcher(config, client);
    await client.search(config.baseDn, { scope: "base", attributes: ["1.1"], sizeLimit: 1 });
  });
}

async function withClient<T>(config: LdapConfig, work: (client: Client) => Promise<T>): Promise<T> {
  const { hostname } = new URL(config.url);
  const tls = {
    ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
    ...(config.ca === null ? {} : { ca: config.ca }),
  };
  const client = new Client({
    url: config.url,
    timeout: timeoutMs,
    connectTimeout: timeoutMs,
    ...(config.url.startsWith("ldaps:") ? { tlsOptions: tls } : {}),
  });
  try {
    if (config.startTls) await client.startTLS(tls);
    return await work(client);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError("unavailable", "The directory does not answer as it should. Try again in a moment.", {
      cause,
    });
  } finally {
    await client.unbind().catch(() => {});
  }
}

async function bindSearcher({ bind }: LdapConfig, client: Client): Promise<void> {
  if (bind !== null) await client.bind(bind.dn, bind.password);
}

async function bindAs(client: Client, dn: string, password: string): Promise<boolean> {
  try {
    await client.bind(dn, password);
    return true;
  } catch (error) {
    if (error instanceof InvalidCredentialsError || error instanceof NoSuchObjectError) return false;
    throw error;
  }
}

async function findPerson(config: LdapConfig, client: Client, login: string): Promise<Entry | null> {
  const { id, email, name } = config.attributes;
  const { searchEntries } = await client.search(config.baseDn, {
    scope: "sub",
    filter: fill(config.userFilter, { login }),
    attributes: [id, email, name, "memberOf"],
    explicitBufferAttributes: ["objectGUID"],
    sizeLimit,
    timeLimit: timeoutMs / 1000,
  });
  return searchEntries.length === 1 ? (searchEntries[0] ?? null) : null;
}

/** Groups by their whole name and by their short one. */
async function findGroups(
  { groups }: LdapConfig,
  client: Client,
  person: Entry,
  login: string,
): Promise<string[]> {
  if (groups === null) return valuesOf(person, "memberOf").flatMap((dn) => [dn, ...shortName(dn)]);
  const { searchEntries } = await client.search(groups.baseDn, {
    scope: "sub",
    filter: fill(groups.filter, { dn: person.dn, login }),
    attributes: ["cn"],
    sizeLimit: maxGroups,
    timeLimit: timeoutMs / 1000,
  });
  return searchEntries.flatMap((group) => [group.dn, ...valuesOf(group, "cn")]);
}

/** `cn=devs,ou=groups,…` is also `devs`. */
const shortName = (dn: string) => /^cn=((?:\\.|[^,\\])+)/i.exec(dn)?.slice(1, 2) ?? [];

function toIdentity(config: LdapConfig, person: Entry, groups: string[]): Identity {
  const { id, email, name } = config.attributes;
  const subject = valuesOf(person, id)[0];
  if (subject === undefined) {
    throw new AppError("unavailable", `The directory's entry has no ${id}, which LDAP_ID_ATTRIBUTE names.`);
  }
  return {
    provider: "ldap",
    subject,
    email: findAddress(valuesOf(person, email)[0]),
    emailVerified: config.trustEmail,
    name: valuesOf(person, name)[0]?.slice(0, 200) ?? null,
    groups: groups.slice(0, 2 * maxGroups),
  };
}

/** An attribute's values as text, binary ones in hexadecimal; attribute names know no case. */
function valuesOf(entry: Entry, attribute: string): string[] {
  const key = Object.keys(entry).find((name) => name.toLowerCase() === attribute.toLowerCase());
  const value = key === undefined ? [] : entry[key];
  return [value ?? []]
    .flat()
    .map((one) => (typeof one === "string" ? one : one.toString("hex")))
    .filter((text) => text !== "");
}
