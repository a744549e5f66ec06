import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { Failure } from "./failure.ts";

/** Free loopback ports, all different: they are held together, then given back. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listenAnywhere()));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listenAnywhere(): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

/** The addresses a HOST stands for: `localhost` is both loopbacks, as browsers try both. */
export function addressesOf(host: string): string[] {
  return host === "localhost" ? ["127.0.0.1", "::1"] : [host];
}

/** The sentence for an address that could not be listened on. */
export function listenFailure(error: NodeJS.ErrnoException, host: string, port: number): Failure {
  switch (error.code) {
    case "EADDRINUSE": {
      const holder = portHolder(port);
      return new Failure(
        `Port ${port} is taken${holder === null ? "" : ` by ${holder}`}`,
        `Start on another one: PORT=${port + 1} npm start`,
      );
    }
    case "EACCES":
      return new Failure(
        `Port ${port} may not be used by this user`,
        "Choose one above 1023: PORT=3000 npm start",
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new Failure(
        `HOST=${host} is not an address of this machine`,
        "Leave HOST unset for this machine alone.",
      );
    default:
      return new Failure(`Cannot listen on ${host}:${port}: ${error.message}`);
  }
}

/** Who listens on a port, as "node (process 1234)"; null where that cannot be told (another user's, not Linux). */
export function portHolder(port: number): string | null {
  try {
    const inodes = new Set(
      ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => listeningInodes(table, port)),
    );
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      if (!holdsSocket(pid, inodes)) continue;
      return `${readFileSync(`/proc/${pid}/comm`, "utf8").trim()} (process ${pid})`;
    }
  } catch {
    // No /proc, or a process that ended while it was looked at.
  }
  return null;
}

function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = readFileSync(table, "utf8").split("\n").slice(1);
  const listening = "0A";
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) && fields[3] === listening)
    .flatMap((fields) => fields[9] ?? []);
}

function holdsSocket(pid: string, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return inodes.has(/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? "");
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
}
