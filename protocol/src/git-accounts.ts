import * as z from "zod";
import { Time } from "./ids.ts";

/** Where people store credentials: said by egress when git lacks one, and looked for by the page that leads there. */
export const gitAccountsPlace = "Settings > Git accounts";

/** A git host as it is stored and compared: its name, and its port unless that is 443. */
export const GitHost = z
  .string()
  .trim()
  .toLowerCase()
  .max(260)
  .regex(
    /^(?!.*:443$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*(:[1-9][0-9]{0,4})?$/,
    "a host such as github.com, or host:port: no https:// before it and no path behind it",
  );

/** A repository's path at its host, as it stands in its address: owner/project, or the whole of what is behind the host. */
export const RepositoryPath = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .regex(/^(?!.*(^|\/)\.{1,2}(\/|$))[A-Za-z0-9._~%+@/-]+$/, "a path such as owner/project");

/**
 * api → egress on its internal address: POST /git-credentials/test. The ticket is a GitCredentialTicket, sealed under
 * the key of the credentials, which those two alone hold: so nobody else can have egress try one.
 */
export const InternalGitCredentialTest = z.strictObject({
  keyId: z.string().max(32),
  ticket: z.base64url().max(8192),
});
export type InternalGitCredentialTest = z.infer<typeof InternalGitCredentialTest>;

export const GitCredentialTicket = z.strictObject({
  userId: z.uuid(),
  host: GitHost,
  repository: RepositoryPath.nullable(),
  expiresAt: Time,
});
export type GitCredentialTicket = z.infer<typeof GitCredentialTicket>;
/** What the ticket is sealed to. */
export const gitCredentialTicketSeal: readonly string[] = ["git-credential-test"];
