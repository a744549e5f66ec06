import { webcrypto } from "node:crypto";
import { describe, expect, it } from "vitest";
import sealed from "../testing/sealed-entries.json" with { type: "json" };
import { checkProof, type Proof, type Shown } from "./check-proof.ts";

/** Sealed by the api's own code: five entries, all with the same details. */
const subtle = webcrypto.subtle as SubtleCrypto;
const proofOf = (at: number): Proof => {
  const entry = sealed.entries[at];
  if (entry === undefined) throw new Error("no such entry");
  return { ...entry, size: sealed.size, seal: sealed.seal };
};
const shown = (at: number): Shown => ({
  id: `0193a000-0000-7000-8000-00000000000${at}`,
  at: `2026-11-26T10:00:0${at}.000Z`,
  action: "file.written",
  result: "success",
  target: `notes-${at}.txt`,
  address: "192.0.2.7",
  requestId: `request-${at}`,
  details: { имя: "é", bytes: 12.5, nested: { a: [null, true], b: 1 } },
  actorKind: "user",
  userId: "0193a000-0000-7000-8000-0000000000aa",
  tokenId: null,
  onBehalfOf: null,
  sessionId: null,
  userAgent: null,
});
const verdict = async (proof: Proof, row: Shown, crypto: SubtleCrypto | null = subtle) =>
  Object.fromEntries((await checkProof(crypto, proof, row)).map(({ id, fits }) => [id, fits]));
const all = { entry: true, path: true, hash: true, signature: true };
const other = (hex: string) => (hex.startsWith("0") ? "1" : "0") + hex.slice(1);

describe("the proof that an entry is in the record", () => {
  it("holds for every entry of a batch", async () => {
    for (const at of sealed.entries.keys()) expect(await verdict(proofOf(at), shown(at))).toEqual(all);
  });

  it("names what does not fit", async () => {
    const proof = proofOf(2);
    const { seal, path } = proof;
    const changed = { ...proof, line: proof.line.replace("notes-2", "notes-9") };
    expect(await verdict(changed, shown(2))).toEqual({ ...all, entry: false, path: false });
    expect(await verdict(proof, { ...shown(2), target: "notes-9.txt" })).toEqual({ ...all, entry: false });
    expect(await verdict(proof, { ...shown(2), details: { bytes: 13 } })).toEqual({ ...all, entry: false });
    expect(await verdict(proof, { ...shown(2), userId: "somebody else" })).toEqual({ ...all, entry: false });
    expect(await verdict({ ...proof, index: 3 }, shown(2))).toEqual({ ...all, path: false });
    expect(await verdict({ ...proof, size: 6 }, shown(2))).toMatchObject({ path: false });
    expect(await verdict({ ...proof, path: path.slice(1) }, shown(2))).toEqual({ ...all, path: false });
    expect(await verdict({ ...proof, path: path.map(other) }, shown(2))).toEqual({ ...all, path: false });
    expect(await verdict({ ...proof, path: ["no hash", ...path.slice(1)] }, shown(2))).toMatchObject({
      path: false,
    });
    const header = seal.header.replace('"number":"3"', '"number":"4"');
    expect(await verdict({ ...proof, seal: { ...seal, header } }, shown(2))).toEqual({
      ...all,
      hash: false,
      signature: false,
    });
    const stranger = (await webcrypto.subtle.generateKey("Ed25519", true, [
      "sign",
      "verify",
    ])) as CryptoKeyPair;
    const signature = await webcrypto.subtle.sign("Ed25519", stranger.privateKey, Buffer.from(seal.header));
    const publicKey = await webcrypto.subtle.exportKey("spki", stranger.publicKey);
    const base64 = (bytes: ArrayBuffer) => Buffer.from(bytes).toString("base64");
    const forged = { ...seal, signature: base64(signature), publicKey: base64(publicKey) };
    expect(await verdict({ ...proof, seal: forged }, shown(2))).toEqual({ ...all, signature: false });
  });

  it("says what the browser cannot check, and does not call it right", async () => {
    expect(await verdict(proofOf(0), shown(0), null)).toEqual({
      entry: true,
      path: null,
      hash: null,
      signature: null,
    });
    const withoutEd25519 = {
      digest: (...given: Parameters<SubtleCrypto["digest"]>) => subtle.digest(...given),
      importKey: () => Promise.reject(new Error("not supported")),
    } as unknown as SubtleCrypto;
    expect(await verdict(proofOf(0), shown(0), withoutEd25519)).toEqual({ ...all, signature: null });
  });
});
