import { lookup } from "node:dns/promises";
import { networkInterfaces } from "node:os";
import ipaddr from "ipaddr.js";
import { Turns } from "./turns.ts";

/**
 * Every address of a name, as text. The system's own way: /etc/hosts and search domains count. `asker` stands for whom it
 * is looked up.
 */
export type Resolve = (host: string, asker: object) => Promise<readonly string[]>;

const resolveTimeoutMs = 10_000;
/** The system looks names up on the few threads that all of egress shares, and a name server may let one wait. */
const maxLookupsOfOne = 2;

/** A name that could not be turned into addresses. */
export class ResolveError extends Error {
  override name = "ResolveError";
}

type Found = readonly { readonly address: string }[];

/** Looks names up once, all families, and for one asker few at a time. What it returns throws ResolveError. */
export function resolveBySystem(
  look: (host: string) => Promise<Found> = (host) => lookup(host, { all: true, order: "verbatim" }),
): Resolve {
  const turns = new WeakMap<object, Turns>();
  return async (host, asker) => {
    const own = turns.get(asker) ?? new Turns(maxLookupsOfOne);
    turns.set(asker, own);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new ResolveError("the look-up timed out")), resolveTimeoutMs);
    });
    try {
      // The turn lasts as long as the look-up, also when nobody waits for it any more.
      const found = await Promise.race([own.run(() => look(host)), late]);
      return found.map(({ address }) => address);
    } catch (error) {
      if (error instanceof ResolveError) throw error;
      throw new ResolveError((error as NodeJS.ErrnoException).code ?? "the look-up failed");
    } finally {
      clearTimeout(timer);
    }
  };
}

/**
 * Whether an address is one of the public internet. Everything that is reserved for something else counts as not
 * public: private, loopback, link-local (metadata services), carrier NAT, multicast, documentation, tunnels that
 * hide another address. A NAT64 address is as public as the IPv4 address inside it.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address) || address.includes("%")) return false;
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv4) return isPublicIpv4(parsed);
  const [first = 0, second, third, fourth, fifth, sixth, seventh = 0, eighth = 0] = parsed.parts;
  if (first === 0x64 && second === 0xff9b && [third, fourth, fifth, sixth].every((part) => part === 0)) {
    return isPublicIpv4(new ipaddr.IPv4([seventh >> 8, seventh & 255, eighth >> 8, eighth & 255]));
  }
  // Global unicast is 2000::/3; the library calls all that it has no name for "unicast", old ::a.b.c.d among it.
  return (first & 0xe000) === 0x2000 && parsed.range() === "unicast";
}

function isPublicIpv4(address: ipaddr.IPv4): boolean {
  return address.range() === "unicast" && !notPublic.has(address.toString());
}

/** This very machine, in every spelling: its loopback and "any" addresses, and those of its network cards. */
export function isThisMachine(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  const range = parsed.range();
  if (range === "loopback" || range === "unspecified") return true;
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return own.some((card) => ipaddr.process(card.address).toString() === parsed.toString());
}

/** Public by its number, and yet a cloud's own service to the machine it is asked from (Azure's WireServer). */
const notPublic: ReadonlySet<string> = new Set(["168.63.129.16"]);

/** The address in a host of a URL ("[::1]" too), or null for a name. */
export function literalAddress(host: string): string | null {
  const bare = host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
  return ipaddr.isValid(bare) ? bare : null;
}
