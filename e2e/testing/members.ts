import { createHash, randomBytes } from "node:crypto";
import { Client } from "./client.ts";
import type { Product } from "./product.ts";

/** A second person with a token, written into the database: this release has one user and no page to make more. */
export async function addMember(product: Product): Promise<Client> {
  const db = await product.database();
  const name = `member-${randomBytes(4).toString("hex")}`;
  const user = await db.user.create({ data: { email: `${name}@example.org`, name, role: "member" } });
  const secret = `rcl_${randomBytes(32).toString("base64url")}`;
  const hash = createHash("sha256").update(secret).digest("hex");
  await db.token.create({ data: { userId: user.id, name: "end-to-end", hash, prefix: secret.slice(0, 10) } });
  return Client.withToken(product, secret);
}
