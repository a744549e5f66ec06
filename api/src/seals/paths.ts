import { nodeHash } from "./merkle.ts";

/** A whole tree in memory, for many proofs from one batch: each costs its length alone. */
export class Paths {
  /** Leaves first, the root last. The last of an odd number stands on the next level as it is (RFC 9162). */
  readonly #levels: (readonly Buffer[])[];

  constructor(leaves: readonly Buffer[]) {
    this.#levels = [leaves];
    for (let level = leaves; level.length > 1; ) {
      level = above(level);
      this.#levels.push(level);
    }
  }

  /** What `inclusionProof` says of the leaf at `index`. */
  of(index: number): Buffer[] {
    return this.#levels.flatMap((level, height) => {
      const beside = level[Math.floor(index / 2 ** height) ^ 1];
      return beside === undefined ? [] : [beside];
    });
  }
}

function above(level: readonly Buffer[]): Buffer[] {
  const nodes: Buffer[] = [];
  for (let index = 0; index < level.length; index += 2) {
    const [left, right] = [level[index], level[index + 1]];
    if (left !== undefined) nodes.push(right === undefined ? left : nodeHash(left, right));
  }
  return nodes;
}
