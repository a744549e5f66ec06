/** The address of a database on a unix socket, as node-postgres and Prisma read it. */
export function databaseUrl(target: {
  user: string;
  password: string;
  database: string;
  socketDir: string;
}): string {
  const { user, password, database, socketDir } = target;
  const credentials = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return `postgresql://${credentials}@localhost/${encodeURIComponent(database)}?host=${encodeURIComponent(socketDir)}`;
}

/** The same database for another role. */
export function withCredentials(url: string, user: string, password: string): string {
  const changed = new URL(url);
  changed.username = encodeURIComponent(user);
  changed.password = encodeURIComponent(password);
  return changed.href;
}
