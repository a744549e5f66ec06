import * as z from "zod";

/**
 * What a personal access token may be limited to. A token without scopes may do all that its owner may; one with
 * scopes may do what they name, where its owner may too.
 */
export const TokenScope = z.enum([
  "sessions:read",
  "sessions:write",
  "files:read",
  "files:write",
  "terminals:read",
  "terminals:write",
  "claude:read",
  "claude:write",
  "audit:read",
  "admin:read",
  "admin:write",
]);
export type TokenScope = z.infer<typeof TokenScope>;

/**
 * The scope that a route or a command asks of a token. `"any"`: every token will do. `"full"`: only one without
 * scopes, for what concerns the account itself: no limited token makes an unlimited one.
 */
export type NeededScope = TokenScope | "any" | "full";

export const tokenScopes = {
  "sessions:read": "List your sessions and look at them",
  "sessions:write": "Make, rename, stop, share and delete sessions",
  "files:read": "Read files in sessions",
  "files:write": "Write, move and delete files in sessions",
  "terminals:read": "Read what terminals show",
  "terminals:write": "Type into terminals and run commands",
  "claude:read": "Read conversations, tasks and their results",
  "claude:write": "Send prompts, answer Claude's questions, start tasks",
  "audit:read": "Read the audit record",
  "admin:read": "See people, invitations and settings of the organisation",
  "admin:write": "Change them",
} as const satisfies Record<TokenScope, string>;

/** Whether a token with these scopes may do what asks for `needed`. Reading is part of writing. */
export function allowsScope(scopes: readonly string[], needed: NeededScope): boolean {
  if (scopes.length === 0 || needed === "any") return true;
  if (needed === "full") return false;
  return scopes.includes(needed) || scopes.includes(needed.replace(/:read$/, ":write"));
}
