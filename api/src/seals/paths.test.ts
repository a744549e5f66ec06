import { expect, it } from "vitest";
import { inclusionProof, leafHash } from "./merkle.ts";
import { Paths } from "./paths.ts";

it("gives every leaf of every size of tree the path of its proof", () => {
  for (let size = 0; size < 40; size += 1) {
    const leaves = Array.from({ length: size }, (_, index) => leafHash(String(index)));
    const paths = new Paths(leaves);
    for (const index of leaves.keys()) expect(paths.of(index)).toEqual(inclusionProof(leaves, index));
  }
});
