/** The token of an `Authorization: Bearer …` header; null without one. */
export function bearerOf(authorization: string | undefined): string | null {
  if (authorization === undefined) return null;
  return /^Bearer +([\x21-\x7e]{1,500}) *$/i.exec(authorization)?.[1] ?? null;
}
