import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { inclusionProof, isIncluded, leafHash, MerkleTree } from "./merkle.ts";

/** The entries and roots that implementations of Certificate Transparency test with. */
const entries = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
];
const roots = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const leaves = entries.map((entry) => leafHash(Buffer.from(entry, "hex")));
const treeOf = (hashes: readonly Buffer[]) => {
  const tree = new MerkleTree();
  for (const hash of hashes) tree.add(hash);
  return tree;
};

describe("the Merkle tree", () => {
  it("has the roots of Certificate Transparency's own test data", () => {
    expect(treeOf([]).root()).toEqual(createHash("sha256").digest());
    for (const [index, root] of roots.entries()) {
      expect(
        treeOf(leaves.slice(0, index + 1))
          .root()
          .toString("hex"),
      ).toBe(root);
    }
  });

  it("proves each leaf of each size, and nothing else", () => {
    const many = Array.from({ length: 33 }, (_, index) => leafHash(`entry ${index}`));
    for (let size = 1; size <= many.length; size += 1) {
      const some = many.slice(0, size);
      const root = treeOf(some).root();
      for (let index = 0; index < size; index += 1) {
        const proof = inclusionProof(some, index);
        const leaf = some[index] ?? Buffer.alloc(0);
        expect(isIncluded(leaf, { index, size }, proof, root)).toBe(true);
        expect(isIncluded(leafHash("another"), { index, size }, proof, root)).toBe(false);
        if (size > 1) {
          expect(isIncluded(leaf, { index: (index + 1) % size, size }, proof, root)).toBe(false);
          expect(isIncluded(leaf, { index, size }, proof.slice(1), root)).toBe(false);
        }
      }
    }
  });
});
