import * as z from "zod";
import { GitHost, RepositoryPath } from "../git-accounts.ts";
import { Time } from "../ids.ts";
import { route } from "./route.ts";

export const GitUsername = z
  .string()
  .trim()
  .min(1)
  .max(255)
  .regex(/^[^\s:\p{Cc}]+$/u, "a user name without spaces and colons");

export const GitToken = z
  .string()
  .trim()
  .min(1)
  .max(4096)
  .regex(/^[\x21-\x7e]+$/, "a token is printable characters without spaces");

/** What may be known of a stored credential. Its secret leaves the server for its host alone. */
export const GitCredential = z.object({
  host: GitHost,
  username: z.string(),
  /** The last four characters of a long token; empty for a short one. */
  hint: z.string().max(4),
  createdAt: Time,
  lastUsedAt: Time.nullable(),
});
export type GitCredential = z.infer<typeof GitCredential>;

const HostParams = z.object({ host: GitHost });

export const listGitCredentials = route({
  method: "GET",
  path: "/api/git-credentials",
  summary: "The git hosts you have stored a credential for",
  needs: "signed-in",
  scope: "full",
  reply: z.object({ gitCredentials: z.array(GitCredential) }),
});

export const putGitCredential = route({
  method: "PUT",
  path: "/api/git-credentials/{host}",
  summary:
    "Store your credential for a git host, in place of an earlier one; git in your sessions is given it outside of them",
  needs: "signed-in",
  scope: "full",
  params: HostParams,
  body: z.strictObject({ username: GitUsername, token: GitToken }),
  reply: z.object({ gitCredential: GitCredential }),
  errors: ["bad_request", "quota_exceeded"],
});

export const deleteGitCredential = route({
  method: "DELETE",
  path: "/api/git-credentials/{host}",
  summary: "Remove your credential for a git host; the next request of git's goes without it",
  needs: "signed-in",
  scope: "full",
  params: HostParams,
  status: 204,
  errors: ["not_found"],
});

/** What a git host made of a credential; "unclear": it did not say, or could not be asked. */
export const GitCredentialTest = z.object({
  outcome: z.enum(["accepted", "refused", "unclear", "unreachable"]),
  /** What is so, or what is wrong, in a sentence. */
  message: z.string(),
});
export type GitCredentialTest = z.infer<typeof GitCredentialTest>;

export const testGitCredential = route({
  method: "POST",
  path: "/api/git-credentials/{host}/test",
  summary: "Ask the host whether it accepts your credential, and what may be done with it in a repository",
  needs: "signed-in",
  scope: "full",
  params: HostParams,
  body: z.strictObject({ repository: RepositoryPath.optional() }),
  reply: GitCredentialTest,
  errors: ["not_found", "rate_limited", "unavailable"],
});
