import type { AuditProof } from "@remote-claude/protocol";
import { hashOf, rootOf } from "./merkle-path.ts";

/** What is needed of the api's proof: the rest is in the texts that were hashed and signed. */
export type Proof = Omit<AuditProof, "seal"> & {
  readonly seal: Pick<AuditProof["seal"], "header" | "hash" | "signature" | "publicKey">;
};

/** `true` and `false` are what was found; null: this browser cannot say. */
export interface Check {
  readonly id: "entry" | "path" | "hash" | "signature";
  readonly fits: boolean | null;
  readonly words: string;
}

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/** What of an entry the page shows, as its sealed line says it. */
export interface Shown {
  readonly id: string;
  readonly at: string;
  readonly actorKind: string;
  readonly userId: string | null;
  readonly tokenId: string | null;
  readonly onBehalfOf: string | null;
  readonly sessionId: string | null;
  readonly action: string;
  readonly result: string;
  readonly target: string | null;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
  readonly details: unknown;
}

/** As the same text, whatever the order of the fields. */
function sameText(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}

function saysTheSame(line: string, shown: Shown): boolean {
  try {
    const sealed = JSON.parse(line) as Record<string, unknown>;
    return Object.entries(shown).every(([name, value]) =>
      name === "at"
        ? Date.parse(String(sealed.at)) === Date.parse(String(value))
        : sameText(sealed[name] ?? null) === sameText(value ?? null),
    );
  } catch {
    return false;
  }
}

async function checkSignature(subtle: SubtleCrypto, seal: Proof["seal"]): Promise<boolean | null> {
  let key: CryptoKey;
  try {
    key = await subtle.importKey("spki", bytesOf(seal.publicKey), { name: "Ed25519" }, false, ["verify"]);
  } catch {
    // A browser without Ed25519; or no key at all, and then the fingerprint does not fit either.
    return null;
  }
  return subtle.verify("Ed25519", key, bytesOf(seal.signature), new TextEncoder().encode(seal.header));
}

function headerOf(text: string): { merkleRoot?: unknown; rowCount?: unknown; keyId?: unknown } {
  try {
    return (JSON.parse(text) ?? {}) as object;
  } catch {
    return {};
  }
}

/**
 * Checks in the browser what the api says: that the sealed line is what the page shows, that it leads to the root
 * which the seal names, that the seal's hash is of its text, and that the key signed that text. `subtle` null: an
 * insecure address, where browsers have no WebCrypto.
 */
export async function checkProof(
  subtle: SubtleCrypto | null,
  proof: Proof,
  shown: Shown,
): Promise<readonly Check[]> {
  const { line, index, size, path, seal } = proof;
  const header = headerOf(seal.header);
  const entry: Check = {
    id: "entry",
    fits: saysTheSame(line, shown),
    words: "What was sealed is what this page shows",
  };
  const where = `${size.toLocaleString("en")} ${size === 1 ? "entry" : "entries"}`;
  const pathWords = `Entry ${index + 1} of ${where} leads to the seal’s root, past ${path.length} ${path.length === 1 ? "hash" : "hashes"}`;
  const words = {
    path: pathWords,
    hash: "The seal’s hash is of what it says",
    signature: "The key signed the seal",
  };
  if (subtle === null) {
    return [
      entry,
      ...(["path", "hash", "signature"] as const).map((id) => ({ id, fits: null, words: words[id] })),
    ];
  }
  const root = await rootOf(subtle, { line, index, size, path }).catch(() => null);
  const isOurKey = (await hashOf(subtle, bytesOf(seal.publicKey))) === header.keyId;
  const signed = await checkSignature(subtle, seal);
  return [
    entry,
    {
      id: "path",
      fits: root !== null && root === header.merkleRoot && size === header.rowCount,
      words: words.path,
    },
    { id: "hash", fits: (await hashOf(subtle, seal.header)) === seal.hash, words: words.hash },
    { id: "signature", fits: isOurKey ? signed : false, words: words.signature },
  ];
}
