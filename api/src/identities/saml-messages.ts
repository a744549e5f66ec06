import type { CacheProvider } from "@node-saml/node-saml";
import { z } from "zod";
import type { Context } from "../context.ts";

/** How long somebody may take at the identity provider. */
export const requestMs = 15 * 60_000;

/** What is kept of a request until its answer comes. */
const Kept = z.object({
  /** As node-saml wrote it. */
  instant: z.string(),
  /** SHA-256 of the cookie that the browser has. */
  binding: z.string(),
  goTo: z.string(),
});
export type KeptRequest = z.infer<typeof Kept>;

/**
 * The requests we made, in the database, so that any api takes the answer; each counts once. `begun` is for writing,
 * `found` tells which one an answer belongs to.
 */
export class SamlRequests implements CacheProvider {
  readonly #context: Context;
  readonly #begun: Omit<KeptRequest, "instant"> | null;
  found: KeptRequest | null = null;

  constructor(context: Context, begun: Omit<KeptRequest, "instant"> | null) {
    this.#context = context;
    this.#begun = begun;
  }

  async saveAsync(id: string, instant: string) {
    const now = this.#context.clock.now();
    const kept = { instant, binding: "", goTo: "/", ...this.#begun };
    await this.#context.db.providerMessage.create({
      data: {
        kind: "request",
        id,
        value: JSON.stringify(kept),
        createdAt: now,
        expiresAt: new Date(now.getTime() + requestMs),
      },
    });
    return { value: instant, createdAt: now.getTime() };
  }

  async getAsync(id: string): Promise<string | null> {
    const row = await this.#context.db.providerMessage.findUnique({
      where: { kind_id: { kind: "request", id }, expiresAt: { gt: this.#context.clock.now() } },
    });
    if (row === null) return null;
    this.found = Kept.parse(JSON.parse(row.value));
    return this.found.instant;
  }

  async removeAsync(id: string | null): Promise<string | null> {
    if (id === null) return null;
    await this.#context.db.providerMessage.deleteMany({ where: { kind: "request", id } });
    return id;
  }
}

/** Marks what a provider said as used; false: it was used before. */
export async function useMessage(
  { db, clock }: Context,
  kind: "assertion" | "logout",
  id: string,
  until: Date,
): Promise<boolean> {
  const { count } = await db.providerMessage.createMany({
    data: { kind, id, createdAt: clock.now(), expiresAt: until },
    skipDuplicates: true,
  });
  return count === 1;
}
