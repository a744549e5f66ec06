import type { GithubProfile } from "./identity.ts";

const pageSize = 100;
const maxPages = 10;

async function ask(url: string, accessToken: string): Promise<unknown> {
  const response = await fetch(url, {
    cache: "no-store",
    redirect: "error",
    headers: {
      authorization: `Bearer ${accessToken}`,
      accept: "application/vnd.github+json",
      "user-agent": "remote-claude",
    },
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`GitHub answered ${response.status} at ${new URL(url).pathname}`);
  return response.json();
}

/** All pages of a list. */
async function askAll<Item>(url: string, accessToken: string): Promise<Item[]> {
  const items: Item[] = [];
  for (let page = 1; page <= maxPages; page += 1) {
    const separator = url.includes("?") ? "&" : "?";
    const more = await ask(`${url}${separator}per_page=${pageSize}&page=${page}`, accessToken);
    if (!Array.isArray(more)) throw new Error("GitHub answered with something that is no list");
    items.push(...(more as Item[]));
    if (more.length < pageSize) break;
  }
  return items;
}

/**
 * The person of this token: the address is their primary one, if GitHub has verified it (the one in the profile is
 * whatever they wrote there); of organisations only those count whose invitation they accepted.
 */
export async function fetchGithubProfile(apiUrl: string, accessToken: string): Promise<GithubProfile> {
  const [user, emails, memberships, teams] = await Promise.all([
    ask(`${apiUrl}/user`, accessToken) as Promise<{ id: number; login: string; name?: string | null }>,
    askAll<{ email: string; primary: boolean; verified: boolean }>(`${apiUrl}/user/emails`, accessToken),
    askAll<{ state: string; organization: { login: string } }>(
      `${apiUrl}/user/memberships/orgs?state=active`,
      accessToken,
    ),
    askAll<{ slug: string; organization: { login: string } }>(`${apiUrl}/user/teams`, accessToken),
  ]);
  if (typeof user.id !== "number" || typeof user.login !== "string") {
    throw new Error("GitHub did not say who this is");
  }
  const organisations = memberships.filter(({ state }) => state === "active");
  return {
    id: user.id,
    login: user.login,
    name: user.name ?? null,
    email: emails.find(({ primary, verified }) => primary && verified)?.email ?? null,
    groups: [
      ...organisations.map(({ organization }) => organization.login),
      ...teams.map(({ organization, slug }) => `${organization.login}/${slug}`),
    ],
  };
}
