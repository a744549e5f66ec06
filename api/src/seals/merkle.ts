import { createHash } from "node:crypto";

/**
 * The Merkle tree of Certificate Transparency (RFC 9162, 2.1): SHA-256, leaves and nodes told apart by their first
 * byte, so that no node passes for a leaf.
 */
const leafPrefix = Buffer.of(0);
const nodePrefix = Buffer.of(1);

/** The hash of one entry. */
export function leafHash(entry: string | Uint8Array): Buffer {
  return createHash("sha256").update(leafPrefix).update(entry).digest();
}

/** The hash of what is above two others. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash("sha256").update(nodePrefix).update(left).update(right).digest();
}

/** Builds the root as leaves come, in the memory of its depth. */
export class MerkleTree {
  readonly #whole: { height: number; hash: Buffer }[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds the next leaf by its hash. */
  add(leaf: Buffer): void {
    let node = { height: 0, hash: leaf };
    for (
      let last = this.#whole.at(-1);
      last !== undefined && last.height === node.height;
      last = this.#whole.at(-1)
    ) {
      this.#whole.pop();
      node = { height: node.height + 1, hash: nodeHash(last.hash, node.hash) };
    }
    this.#whole.push(node);
    this.#size += 1;
  }

  /** The root of what was added so far; of nothing, the hash of nothing. */
  root(): Buffer {
    const hashes = this.#whole.map(({ hash }) => hash);
    const last = hashes.pop();
    if (last === undefined) return createHash("sha256").digest();
    return hashes.reduceRight((right, left) => nodeHash(left, right), last);
  }
}

/** The largest power of two below `size`. */
function splitPoint(size: number): number {
  let point = 1;
  while (point * 2 < size) point *= 2;
  return point;
}

function rootOf(leaves: readonly Buffer[]): Buffer {
  const tree = new MerkleTree();
  for (const leaf of leaves) tree.add(leaf);
  return tree.root();
}

/** What proves that leaf `index` is among `leaves`: the roots beside its way up, lowest first (RFC 9162, 2.1.3). */
export function inclusionProof(leaves: readonly Buffer[], index: number): Buffer[] {
  if (leaves.length <= 1) return [];
  const point = splitPoint(leaves.length);
  const [left, right] = [leaves.slice(0, point), leaves.slice(point)];
  return index < point
    ? [...inclusionProof(left, index), rootOf(right)]
    : [...inclusionProof(right, index - point), rootOf(left)];
}

/** Whether `proof` leads from the leaf at `index` of `size` leaves to `root`. */
export function isIncluded(
  leaf: Buffer,
  { index, size }: { index: number; size: number },
  proof: readonly Buffer[],
  root: Buffer,
): boolean {
  const climb = (at: number, of: number, steps: readonly Buffer[]): Buffer | null => {
    if (of === 1) return steps.length === 0 ? leaf : null;
    const beside = steps.at(-1);
    if (beside === undefined) return null;
    const point = splitPoint(of);
    const rest = steps.slice(0, -1);
    const below = at < point ? climb(at, point, rest) : climb(at - point, of - point, rest);
    if (below === null) return null;
    return at < point ? nodeHash(below, beside) : nodeHash(beside, below);
  };
  if (index < 0 || index >= size) return false;
  return climb(index, size, proof)?.equals(root) ?? false;
}
