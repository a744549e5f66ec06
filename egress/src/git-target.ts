/** What a request of git's asks for: which host, repository and service. */
export interface GitTarget {
  readonly host: string;
  readonly port: number;
  readonly portGiven: boolean;
  /** Of the repository and the service, with its query. */
  readonly path: string;
  readonly repository: string;
  readonly service: "git-upload-pack" | "git-receive-pack";
  readonly method: "GET" | "POST";
}

/** The repository's part has no `?`: behind one, these endings would be a query's, and the path any of the host's. */
const shapes = {
  discover: /^(\/[^?]+)\/info\/refs\?service=(git-upload-pack|git-receive-pack)$/,
  exchange: /^(\/[^?]+)\/(git-upload-pack|git-receive-pack)$/,
} as const;

/**
 * Large files' own protocol. Its answers hand out credentials for the download, at some hosts the very one that the
 * request came with: served here, the owner's token would be in the session.
 */
const largeFiles = /\/info\/lfs(\/|$)/;

/** What a host may take for a step up, or for a slash: `..` in each spelling, with a parameter behind it too. */
const leadsAway = /(^|\/)(\.|%2e){1,2}(;[^/]*)?(\/|$)|%2f|%5c|%00/i;

/** The target, or the sentence that says why there is none. */
export function parseGitTarget(method: string, url: string): GitTarget | string {
  const match = /^\/git\/([^/?#@\\\s]+)(\/[^#\s\\]*)$/.exec(url);
  const authority = match?.[1];
  const path = match?.[2];
  if (authority === undefined || path === undefined) return "This is not the address of a repository.";
  const parsed = /^(\[[0-9A-Fa-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(authority);
  const host = parsed?.[1];
  const port = parsed?.[2] === undefined ? 443 : Number(parsed[2]);
  if (host === undefined || port < 1 || port > 65535) return "This is not the address of a repository.";
  if (leadsAway.test(path.replace(/\?.*$/, ""))) {
    return "This is not the address of a repository.";
  }
  if (largeFiles.test(path)) {
    return "Git LFS is not available in sessions: its servers answer with credentials, and none may enter a session.";
  }
  const shape = method === "GET" ? shapes.discover : method === "POST" ? shapes.exchange : null;
  const found = shape?.exec(path);
  const [, repository, service] = found ?? [];
  if (repository === undefined || service === undefined) {
    return "Only git's smart HTTP protocol is served here: this server or client asks for something else.";
  }
  return {
    host: host.toLowerCase(),
    port,
    portGiven: parsed?.[2] !== undefined,
    path,
    repository,
    service: service as GitTarget["service"],
    method: method as GitTarget["method"],
  };
}

/** A host as credentials are stored under it: with its port unless that is 443. */
export const credentialHost = (host: string, port: number): string =>
  port === 443 ? host : `${host}:${port}`;
