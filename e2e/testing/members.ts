import { createHash, randomBytes } from "node:crypto";
import { Client } from "./client.ts";
import type { Product } from "./product.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** A second person with a token, written into the database. */
export async function addMember(product: Product): Promise<Client> {
  return clientOf(product, await addPerson(product));
}

/** A script of that person, with a token of theirs. */
export async function clientOf(product: Product, { id }: Pick<Person, "id">): Promise<Client> {
  const db = await product.database();
  const secret = `rcl_${randomBytes(32).toString("base64url")}`;
  const data = { userId: id, name: "end-to-end", hash: sha256(secret), prefix: secret.slice(0, 10) };
  await db.token.create({ data });
  return Client.withToken(product, secret);
}

/** Somebody who has signed in with a browser. */
export interface Person {
  readonly id: string;
  readonly email: string;
  /** What their browser would keep. */
  readonly cookie: { readonly name: string; readonly value: string };
}

/** Another person, signed in, without the cost of a password. */
export async function addPerson(
  product: Product,
  name = `member-${randomBytes(4).toString("hex")}`,
  role: "admin" | "auditor" | "member" = "member",
): Promise<Person> {
  const db = await product.database();
  const email = `${name.toLowerCase().replaceAll(" ", ".")}@example.org`;
  const user = await db.user.create({ data: { email, name, role } });
  const value = randomBytes(32).toString("base64url");
  const expiresAt = new Date(Date.now() + 3_600_000);
  await db.signIn.create({ data: { hash: sha256(value), userId: user.id, method: "password", expiresAt } });
  return { id: user.id, email, cookie: { name: "remote-claude.sign-in", value } };
}
