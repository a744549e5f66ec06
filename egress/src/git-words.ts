import { gitAccountsPlace } from "@remote-claude/protocol";

/** Sentences that git prints after "remote:". What is wrong, and who can mend it where. */
export const gitWords = {
  isPrivate: (host: string, repository: string) =>
    `The repository ${host}${repository} is private or does not exist, and the owner of this session has stored no credential for ${host}. They can store one under ${gitAccountsPlace}.`,
  refused: (host: string, repository: string) =>
    `${host} does not accept the stored credential for ${repository}: it is wrong, expired or revoked. The owner of this session can replace it under ${gitAccountsPlace}.`,
  lacksRight: (host: string, repository: string, push: boolean, said: string) =>
    `${host} accepts the stored credential, but not for ${push ? "pushing to" : "reading"} ${repository}${said === "" ? "" : ` (${said})`}. The owner of this session can store one with that right under ${gitAccountsPlace}.`,
  neededToPush: (host: string) =>
    `Pushing to ${host} needs a password, and the owner of this session has stored no credential for ${host}. They can store one under ${gitAccountsPlace}.`,
  doesNotOpen: (host: string) =>
    `The credential that is stored for ${host} cannot be opened any more. The owner of this session can store it anew under ${gitAccountsPlace}.`,
  notRead: "The stored git credentials cannot be read right now; try again in a moment.",
  needsTls: (host: string) => `${host} does not speak TLS: a stored credential is not sent there.`,
  leadsElsewhere: (host: string, there: string) =>
    `${host} redirects to another host. If you trust it, use its own address: ${there}`,
  leadsNowhere: (host: string) => `${host} redirects to where no repository can be fetched from.`,
} as const;

/** What a server said, as part of one sentence of ours. */
export function quoted(said: string): string {
  const line = said
    .replace(/[^\x20-\x7e]+/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return line.length > 300 ? `${line.slice(0, 300)}...` : line.replace(/\.$/, "");
}
