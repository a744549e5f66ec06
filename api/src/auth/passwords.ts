import { type Algorithm, hash, verify } from "@node-rs/argon2";

/** OWASP's first choice for argon2id: 19 MiB, two passes. */
const options = { algorithm: 2 satisfies Algorithm, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** The hash of a password that nobody has, to be checked where there is none: it costs the same. */
let nobody: Promise<string> | undefined;

export function hashPassword(password: string): Promise<string> {
  return hash(password, options);
}

/** Takes the same time whether there is a password or not. */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  nobody ??= hashPassword("nobody's");
  const matches = await verify(passwordHash ?? (await nobody), password);
  return passwordHash !== null && matches;
}
