import { GitHost } from "@remote-claude/protocol";

/** What to know about a git host before one stores a token for it. */
export interface GitHostAdvice {
  readonly host: string;
  readonly label: string;
  /** What such hosts take as the user's name beside a token; "": the person's own. */
  readonly username: string;
  /** Which rights the token needs. */
  readonly rights: string;
  /** Where tokens are made. */
  readonly tokensUrl?: string;
}

export const knownGitHosts: readonly GitHostAdvice[] = [
  {
    host: "github.com",
    label: "GitHub",
    username: "x-access-token",
    rights:
      "A fine-grained token with “Contents: Read and write” for the repositories you work on, or a classic one with the scope “repo”. To push changes of workflows it needs “Workflows” too.",
    tokensUrl: "https://github.com/settings/personal-access-tokens/new",
  },
  {
    host: "gitlab.com",
    label: "GitLab",
    username: "oauth2",
    rights: "A personal access token with the scopes “read_repository” and “write_repository”.",
    tokensUrl: "https://gitlab.com/-/user_settings/personal_access_tokens",
  },
  {
    host: "bitbucket.org",
    label: "Bitbucket",
    username: "x-bitbucket-api-token-auth",
    rights:
      "An API token with the scopes “read:repository:bitbucket” and “write:repository:bitbucket”. For an access token of one repository or workspace the user name is x-token-auth.",
    tokensUrl: "https://id.atlassian.com/manage-profile/security/api-tokens",
  },
  {
    host: "dev.azure.com",
    label: "Azure DevOps",
    username: "pat",
    rights: "A personal access token with the scope “Code: Read & write”. The user name does not matter.",
  },
];

const otherAdvice: Omit<GitHostAdvice, "host"> = {
  label: "Another host",
  username: "",
  rights: "A token that may read repositories over https, and write to them if you want to push.",
};

export function adviceFor(host: string): GitHostAdvice {
  return knownGitHosts.find((known) => known.host === host) ?? { host, ...otherAdvice };
}

/** The host in whatever a person pastes: a name, an address of the host, or of a repository there. Null: in none. */
export function readGitHost(text: string): string | null {
  const bare = text
    .trim()
    .toLowerCase()
    .replace(/^[a-z+]+:\/\//, "")
    .replace(/^[^/@]*@/, "")
    .replace(/^([^/:]+):(?!\d+(\/|$)).*$/, "$1")
    .replace(/[/?#].*$/, "")
    .replace(/:443$/, "");
  const parsed = GitHost.safeParse(bare);
  return parsed.success ? parsed.data : null;
}

/** Settings, with the dialog open that stores a token for the host of this repository. */
export function gitAccountsLink(repositoryUrl: string | null): string {
  const host = readGitHost(repositoryUrl ?? "");
  return `/settings${host === null ? "" : `?git-host=${encodeURIComponent(host)}`}#git-accounts`;
}
