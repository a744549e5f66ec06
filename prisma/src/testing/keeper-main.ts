/**
 * Keeps one Postgres for all processes of a test run, with a migrated template from which a database is copied in
 * milliseconds. It lives while someone is connected to its socket and a few seconds more; the kernel closes the
 * connection of a process that was killed. argv[2]: the link to publish.
 */
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, readlink, rename, rm, symlink, unlink } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import pg from "pg";
import { startEmbeddedPostgres } from "../embedded.ts";
import { migrate } from "../migrate.ts";
import type { KeeperGreeting, KeeperReply } from "./meeting-point.ts";

const link = process.argv[2] ?? "";
const graceMs = 10_000;
const template = "remote_claude_template";

const folder = await mkdtemp(join(tmpdir(), "rc-test-"));
// Postgres' own user must pass through when we are root; what lies in it is closed to others.
await chmod(folder, 0o711);
const postgres = await startEmbeddedPostgres({
  dataDir: join(folder, "db"),
  durable: false,
  maxConnections: 300,
});
const appPassword = randomBytes(16).toString("hex");
await postgres.ensureDatabase(template);
await migrate({ ownerUrl: postgres.ownerUrl(template), appPassword });
const admin = new pg.Pool({ connectionString: postgres.ownerUrl(), max: 2 });
admin.on("error", () => undefined);

const clients = new Set<Socket>();
let patienceMs = graceMs;
let ending = false;
let timer = setTimeout(end, 30_000);

async function answer(line: string, owned: Set<string>): Promise<KeeperReply> {
  const [verb, name = ""] = line.split(" ");
  if (verb === "create") {
    const database = `test_${randomBytes(6).toString("hex")}`;
    await admin.query(`create database ${database} template ${template}`);
    owned.add(database);
    return { database };
  }
  if (verb === "drop" && owned.delete(name))
    await admin.query(`drop database if exists ${name} with (force)`);
  if (verb === "end-when-empty") patienceMs = 0;
  return { done: true };
}

function serve(socket: Socket): void {
  if (ending) {
    socket.destroy();
    return;
  }
  clients.add(socket);
  clearTimeout(timer);
  const owned = new Set<string>();
  const say = (message: KeeperGreeting | KeeperReply) => socket.write(`${JSON.stringify(message)}\n`);
  say({ ownerUrl: postgres.ownerUrl(), appPassword });
  let work = Promise.resolve();
  const reader = createInterface({ input: socket });
  // The interface repeats the socket's errors.
  reader.on("error", () => undefined);
  reader.on("line", (line) => {
    work = work.then(async () => {
      say(await answer(line, owned).catch((error: unknown) => ({ error: String(error) })));
    });
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    void work.then(async () => {
      for (const database of owned) await answer(`drop ${database}`, owned).catch(() => undefined);
      clients.delete(socket);
      if (clients.size === 0) timer = setTimeout(end, patienceMs);
    });
  });
}

const server = createServer(serve);
const socketPath = join(folder, "keeper.sock");
await new Promise<void>((resolve) => server.listen(socketPath, resolve));
await chmod(socketPath, 0o600);
const fresh = `${folder}.link`;
await symlink(folder, fresh);
await rename(fresh, link);

async function end(): Promise<void> {
  if (ending || clients.size > 0) return;
  ending = true;
  if ((await readlink(link).catch(() => null)) === folder) await unlink(link);
  server.close();
  await admin.end();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
  process.exit(0);
}

void postgres.ended.then(async () => {
  if (ending) return;
  await rm(folder, { recursive: true, force: true });
  process.exit(1);
});
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  process.on(signal, () => {
    for (const client of clients) client.destroy();
    clients.clear();
    void end();
  });
}
