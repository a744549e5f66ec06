import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { CannotOpen, createSealer, gitSecretOf, parseSealingKeys } from "./sealing.ts";

const newKey = (id: string) => ({ id, key: randomBytes(32) });
const [old, fresh] = [newKey("2026-01"), newKey("2026-11")];
const owner = gitSecretOf("0198-user", "github.com");

describe("a sealed secret", () => {
  it("opens for its own row, and does not lie there in the clear", () => {
    const sealer = createSealer([fresh]);
    const sealed = sealer.seal("ghp_secret ✓", owner);
    expect(sealer.open(sealed, owner)).toBe("ghp_secret ✓");
    expect(Buffer.from(sealed.bytes).includes("ghp_")).toBe(false);
  });

  it("is never sealed to the same bytes twice", () => {
    const sealer = createSealer([fresh]);
    const seen = new Set(
      Array.from({ length: 100 }, () => Buffer.from(sealer.seal("x", owner).bytes).toString("hex")),
    );
    expect(seen.size).toBe(100);
  });

  it.each([
    ["another person's row", gitSecretOf("0198-other", "github.com")],
    ["a row of another host", gitSecretOf("0198-user", "evil.example")],
    ["words that only join to the same text", ["git_credentials.secret", "0198-usergithub.com"]],
  ])("does not open in %s", (_, elsewhere) => {
    const sealer = createSealer([fresh]);
    expect(() => sealer.open(sealer.seal("x", owner), elsewhere)).toThrow(CannotOpen);
  });

  it("does not open under another key's id, even of the same key", () => {
    const sealer = createSealer([fresh, { id: "copy", key: fresh.key }]);
    expect(() => sealer.open({ ...sealer.seal("x", owner), keyId: "copy" }, owner)).toThrow(CannotOpen);
  });

  it("does not open with a single bit changed, cut short or empty", () => {
    const sealer = createSealer([fresh]);
    const { bytes, keyId } = sealer.seal("secret", owner);
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => sealer.open({ bytes: changed, keyId }, owner), `byte ${index}`).toThrow(CannotOpen);
      expect(() => sealer.open({ bytes: bytes.slice(0, index), keyId }, owner)).toThrow(CannotOpen);
    }
  });
});

describe("a ring of keys", () => {
  it("opens what an older key sealed, and seals with the first", () => {
    const before = createSealer([old]).seal("from before", owner);
    const ring = createSealer([fresh, old]);
    expect(ring.open(before, owner)).toBe("from before");
    expect(ring.seal("x", owner).keyId).toBe("2026-11");
    expect(() => createSealer([fresh]).open(before, owner)).toThrow(/no key 2026-01/);
  });

  it("is read from lines or commas, and what is wrong with it is said without the key", () => {
    const text = (...keys: { id: string; key: Buffer }[]) =>
      keys.map(({ id, key }) => `${id}:${key.toString("base64url")}`);
    expect(parseSealingKeys(`${text(fresh, old).join("\n")}\n`)).toEqual([fresh, old]);
    expect(parseSealingKeys(text(fresh, old).join(", "))).toEqual([fresh, old]);
    expect(() => parseSealingKeys("")).toThrow("no key");
    expect(() => parseSealingKeys(text(fresh, fresh).join(","))).toThrow("same id");
    expect(() => parseSealingKeys("k1:tooshort")).toThrow(/^(?!.*tooshort).*entry 1 is not id:key/);
  });
});
