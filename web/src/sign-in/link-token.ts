/** The token behind the `#` of a link, or null when it holds none that can be read. */
export function tokenOf(hash: string): string | null {
  try {
    return decodeURIComponent(hash.replace(/^#/, "")) || null;
  } catch {
    return null;
  }
}

/**
 * What a link does first. Someone who is signed in is asked: a link that another person sent must not silently put
 * them to work under that person's name.
 */
export function firstStep(token: string | null, signedInAs: string | null): "refuse" | "ask" | "sign-in" {
  if (token === null) return "refuse";
  return signedInAs === null ? "sign-in" : "ask";
}
